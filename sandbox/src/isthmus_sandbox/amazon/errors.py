"""Refusals in Amazon's forms."""

from __future__ import annotations

from typing import Final

DENIED: Final = "Access to requested resource is denied."


class Refused(Exception):
    """The request is refused; the status, the code and the words are Amazon's."""

    def __init__(self, status: int, code: str, message: str, details: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, object] = error_list(code, message, details)


class GatewayRefused(Refused):
    """The gateway refuses before the API is reached, in a form of its own."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(status, "Unauthorized", message)
        self.body = {"message": message}


def error_list(code: str, message: str, details: str = "") -> dict[str, object]:
    """Return the body `{"errors": [..]}`."""
    return {"errors": [{"code": code, "message": message, "details": details}]}


def invalid_input(message: str) -> Refused:
    """Return the refusal of a wrong parameter."""
    return Refused(400, "InvalidInput", message)


def denied(details: str, *, code: str = "Unauthorized") -> Refused:
    """Return the refusal of a caller who may not."""
    return Refused(403, code, DENIED, details)


def not_found(order_id: str) -> Refused:
    """Return the refusal of an order that the caller does not have."""
    return Refused(404, "NotFound", f"Order {order_id} was not found.")


def quota_exceeded() -> Refused:
    """Return the refusal of a caller who asks too often."""
    message = "You exceeded your quota for the requested resource."
    return Refused(429, "QuotaExceeded", message)


UNAVAILABLE_HTML: Final = (
    "<html>\r\n<head><title>503 Service Temporarily Unavailable</title></head>\r\n"
    "<body>\r\n<center><h1>503 Service Temporarily Unavailable</h1></center>\r\n"
    "</body>\r\n</html>\r\n"
)

"""Refusals in the words of NetSuite's error answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final, Self

ERROR_TYPE: Final = "application/vnd.oracle.resource+json; type=error"
_LOGIN: Final = (
    "Invalid login attempt. For more details, see the Login Audit Trail in the NetSuite UI at"
    " Setup > Users/Roles > User Management > View Login Audit Trail."
)
_BLOCKED: Final = "Concurrent request limit exceeded. Request blocked."


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """One entry of `o:errorDetails`."""

    text: str
    code: str
    path: str | None = None
    header: str | None = None
    parameter: str | None = None

    def body(self) -> dict[str, str]:
        """Return the entry as it is written."""
        optional = {
            "o:errorPath": self.path,
            "o:errorHeader": self.header,
            "o:errorQueryParam": self.parameter,
        }
        told = {name: value for name, value in optional.items() if value is not None}
        return {"detail": self.text, "o:errorCode": self.code, **told}


@dataclass(kw_only=True)
class Problem(Exception):
    """The request is refused; `effect` is the word for it in the journal."""

    status: int
    details: Sequence[Detail]
    effect: str = "refused"
    title: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        status: int,
        code: str,
        text: str,
        *,
        path: str | None = None,
        header: str | None = None,
        parameter: str | None = None,
    ) -> Self:
        """Return a refusal with one detail."""
        detail = Detail(text=text, code=code, path=path, header=header, parameter=parameter)
        return cls(status=status, details=[detail])

    def body(self) -> dict[str, object]:
        """Return the error answer."""
        return {
            "type": "https://www.rfc-editor.org/rfc/rfc9110.html",
            "title": self.title or HTTPStatus(self.status).phrase,
            "status": self.status,
            **self.extra,
            "o:errorDetails": [detail.body() for detail in self.details],
        }

    def codes(self) -> list[str]:
        """Return the codes of all details."""
        return [detail.code for detail in self.details]


def invalid_login(account_id: str) -> Problem:
    """Refuse a request that has no valid token."""
    problem = Problem.of(401, "INVALID_LOGIN", _LOGIN)
    challenge = f'Bearer realm="{account_id}", error="invalid_token"'
    problem.headers = {"WWW-Authenticate": challenge}
    return problem


def too_many_requests() -> Problem:
    """Block a request beyond the concurrency limit, as documented: its title and code mislead."""
    problem = Problem.of(429, "CONCURRENCY_LIMIT_EXCEEDED", _BLOCKED)
    problem.title = "Bad Request"
    problem.extra = {"o:errorCode": "USER_ERROR"}
    return problem


def too_many_requests_as_400() -> Problem:
    """Block a request beyond the concurrency limit, as it is also seen: with status 400."""
    return Problem.of(400, "CONCURRENCY_LIMIT_EXCEEDED", _BLOCKED)


def no_record() -> Problem:
    """Answer for a record that is not there."""
    problem = Problem.of(404, "NONEXISTENT_ID", "Record does not exist.")
    problem.effect = "absent"
    return problem


def user_error(text: str, *, path: str | None = None) -> Problem:
    """Refuse by a rule of the account."""
    return Problem.of(400, "USER_ERROR", f"Error while accessing a resource. {text}", path=path)

"""NetSuite's errors, told in the three words that the loop knows.

Rejected
├── AlreadyExists       a record with this identity is there: read it and compare
└── NotFound            no record has this id
Retryable
├── ConcurrencyRefused  too many requests at once: nothing was done
├── LoginRefused        the credential is not accepted: nothing is sent for a while
└── Unknown             the request was sent, what came of it is not known
"""

from __future__ import annotations

from isthmus.core.errors import Rejected, Retryable


class AlreadyExists(Rejected):
    """A record with this external id, or another unique field, is there already."""

    def __init__(self, detail: str, *, path: str = "") -> None:
        super().__init__(detail, reason_class="already-exists", path=path)


class NotFound(Rejected):
    """No record has this id."""

    def __init__(self, detail: str, *, path: str = "") -> None:
        super().__init__(detail, reason_class="not-found", path=path)


class ConcurrencyRefused(Retryable):
    """The account's concurrent requests are used up; the request was not executed."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail, reason_class="concurrency-limit")


class LoginRefused(Retryable):
    """NetSuite does not accept the credential; a person must look, meanwhile nothing is sent."""

    def __init__(self, detail: str, *, after_s: float | None = None) -> None:
        super().__init__(detail, reason_class="login-refused", after_s=after_s)

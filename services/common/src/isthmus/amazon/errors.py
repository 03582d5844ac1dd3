"""What Amazon's refusals mean for the caller, in the three words of the core.

Exception
├── Rejected          the request is wrong: Amazon will never accept it as it is
│   └── AccessRefused the credentials or roles are wrong: a person has to act
└── Retryable         no answer, or an unreadable one
    └── Throttled     too many requests
"""

from __future__ import annotations

from isthmus.core.errors import Rejected, Retryable


class AccessRefused(Rejected):
    """Amazon does not let this account in: asking again helps nobody, a person has to act."""

    def __init__(self, detail: str, *, reason_class: str = "access-refused") -> None:
        super().__init__(detail, reason_class=reason_class)


class Throttled(Retryable):
    """Amazon's bucket is empty."""

    def __init__(self, detail: str, *, after_s: float | None = None) -> None:
        super().__init__(detail, reason_class="throttled", after_s=after_s)

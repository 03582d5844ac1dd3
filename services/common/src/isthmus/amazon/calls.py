"""The port through which every call is counted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Protocol

from isthmus.amazon.errors import AccessRefused, Throttled
from isthmus.core.errors import Rejected, Retryable
from isthmus.ops.clock import Clock


class CallOutcome(StrEnum):
    """How a call ended."""

    OK = "ok"
    THROTTLED = "throttled"
    """Amazon said 429."""
    HELD_BACK = "held_back"
    """Not sent: our own bucket was empty."""
    REFUSED = "refused"
    """The credentials or roles are wrong."""
    REJECTED = "rejected"
    """The request is wrong."""
    UNAVAILABLE = "unavailable"
    """No answer, or none that could be read."""


class CountCall(Protocol):
    """Counts one call."""

    def __call__(
        self, *, account: str, operation: str, purpose: str, outcome: CallOutcome, seconds: float
    ) -> None:
        """Take note of a call that ended just now.

        :param purpose: what it was for, such as ``sweep``: quotas are spent by purpose.
        :param seconds: how long it took; zero when it was not sent.
        """
        ...


@contextmanager
def counted(
    count: CountCall, *, clock: Clock, account: str, operation: str, purpose: str
) -> Iterator[None]:
    """Count the call that is made inside, however it ends."""
    started = clock.monotonic()
    outcome = CallOutcome.UNAVAILABLE
    try:
        yield
        outcome = CallOutcome.OK
    except (Rejected, Retryable) as error:
        outcome = _outcome_of(error)
        raise
    finally:
        count(
            account=account,
            operation=operation,
            purpose=purpose,
            outcome=outcome,
            seconds=clock.monotonic() - started,
        )


def _outcome_of(error: Rejected | Retryable) -> CallOutcome:
    match error:
        case AccessRefused():
            return CallOutcome.REFUSED
        case Rejected():
            return CallOutcome.REJECTED
        case Throttled():
            return CallOutcome.THROTTLED
        case _:
            return CallOutcome.UNAVAILABLE

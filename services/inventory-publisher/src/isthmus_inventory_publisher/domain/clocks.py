"""SuiteQL tells and compares times by the account's own clock, without naming its zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from isthmus.core.errors import Retryable

# Orders as the moments do, so texts can be compared.
FORMAT: Final = "%Y-%m-%d %H:%M:%S"
# All offsets of the world are multiples of this; the rest is the time between two requests.
STEP: Final = timedelta(minutes=15)
OFFSET_MAX: Final = timedelta(hours=15)


@dataclass(frozen=True, slots=True)
class AccountClock:
    """The account's clock, read at one moment. Daylight saving moves it: read it for each poll.

    :param offset: what to add to UTC to have the account's time.
    :param read_at: when it was read, in UTC.
    """

    offset: timedelta
    read_at: datetime

    def local(self, moment: datetime) -> str:
        """Write a moment as the account's clock shows it."""
        return (moment.astimezone(UTC) + self.offset).strftime(FORMAT)

    def utc(self, local: str) -> datetime:
        """Read what the account's clock showed.

        :raises ValueError: it is no moment.
        """
        return moment_of(local) - self.offset


def calibrated(*, utc: datetime, local: str) -> AccountClock:
    """Compare the two clocks of NetSuite, read shortly after one another.

    :raises Retryable: they are further apart than any time zone is, or not by a zone's step.
    """
    try:
        difference = moment_of(local) - utc.astimezone(UTC)
    except ValueError:
        detail = f"NetSuite's own time is {local[:40]!r}, not like 2026-11-27 08:00:00"
        raise Retryable(detail, reason_class="unexpected-answer") from None
    offset = round(difference / STEP) * STEP
    if abs(offset) > OFFSET_MAX:
        detail = f"NetSuite's two clocks are {difference} apart: no time zone is"
        raise Retryable(detail, reason_class="unexpected-answer")
    return AccountClock(offset=offset, read_at=utc.astimezone(UTC))


def moment_of(local: str) -> datetime:
    """Read a moment of the account's clock as if it were UTC.

    :raises ValueError: it is no moment.
    """
    return datetime.strptime(local, FORMAT).replace(tzinfo=UTC)

"""Time, as an argument.

One number, the clock factor, divides the durations of the outside world (quotas, latencies, token
lives, schedules, retry back-off), so that a rehearsal of a day fits into minutes. The wall clock
stays real, and Kafka's own time-outs are never scaled.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from threading import Event


class Clock(Protocol):
    """What time it is and how long a duration lasts here."""

    @property
    def factor(self) -> float:
        """Return the number that divides durations: 1 in production."""
        ...

    def now(self) -> datetime:
        """Return the real time of day in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never run backwards, for measuring; not scaled."""
        ...

    def scaled(self, seconds: float) -> float:
        """Return how long a duration of the outside world lasts here."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait for a duration of the outside world."""
        ...

    def wait(self, wake: Event, *, seconds: float) -> bool:
        """Wait as ``sleep`` does, or until ``wake`` is set; tell whether it is."""
        ...


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The clock of the machine.

    :raises ValueError: the factor is below 1.
    """

    factor: float = 1.0

    def __post_init__(self) -> None:
        """Refuse a factor that would stretch time."""
        if not self.factor >= 1:
            raise ValueError(f"the clock factor is {self.factor}, it must be 1 or more")

    def now(self) -> datetime:
        """Return the real time of day in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""
        return time.monotonic()

    def scaled(self, seconds: float) -> float:
        """Divide by the factor."""
        return seconds / self.factor

    def sleep(self, seconds: float) -> None:
        """Block this thread; prefer ``wait``, which a shutdown can end."""
        time.sleep(max(0.0, self.scaled(seconds)))

    def wait(self, wake: Event, *, seconds: float) -> bool:
        """Block this thread until the time is over or ``wake`` is set."""
        return wake.wait(max(0.0, self.scaled(seconds)))

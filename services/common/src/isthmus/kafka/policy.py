"""When to try again, and when to stop trying: pure arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Exhausted(StrEnum):
    """What happens to a key whose record was given up."""

    HOLD = "hold"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Attempts and waits of one consumer group on one topic. Durations are real here: scaled.

    :param attempts_max: attempts, all in all, before the record is a dead letter.
    :param age_max_ms: the age, from the first failure, at which it is one.
    :param in_place: attempts before the record is parked.
    :param in_place_ms: the time within which they happen; the key waits in memory.
    :param chance: returns a number in [0, 1); jitter keeps retries from meeting.
    """

    exhausted: Exhausted
    attempts_max: int
    age_max_ms: int
    in_place: int
    in_place_ms: int
    backoff_base_ms: float
    backoff_cap_ms: float
    chance: Callable[[], float]

    def backoff_ms(self, attempts: int, *, after_ms: float | None) -> int:
        """Return how long to wait after so many attempts: full jitter over a doubling bound."""
        bound = min(self.backoff_cap_ms, self.backoff_base_ms * 2 ** min(attempts - 1, 40))
        return int(max(bound * self.chance(), after_ms or 0.0)) + 1

    def in_place_wait_ms(self) -> int:
        """Return the wait between attempts in place: they share the time evenly, with jitter."""
        return int(self.in_place_ms / self.in_place * (0.5 + self.chance() / 2))

    def tries_in_place(self, *, tries: int, since_ms: int, wait_ms: float, now_ms: int) -> bool:
        """Tell whether one more attempt in place is allowed."""
        return tries < self.in_place and now_ms + wait_ms - since_ms <= self.in_place_ms

    def is_exhausted(self, *, attempts: int, first_failed_ms: int, now_ms: int) -> bool:
        """Tell whether the record is to be given up."""
        return attempts >= self.attempts_max or now_ms - first_failed_ms >= self.age_max_ms

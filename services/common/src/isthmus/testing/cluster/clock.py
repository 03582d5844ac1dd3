"""The time of the cluster: that of a virtual clock, with the wall time that goes with it."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class VirtualClock(Protocol):
    """What the cluster needs of a clock, such as ``isthmus.testing.clock.VirtualClock``."""

    def now(self) -> datetime: ...
    def monotonic(self) -> float: ...
    def advance(self, seconds: float) -> None: ...


class Time:
    """Readings of a clock, now and in the past that a slow test has skipped."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._zero_ms = clock.now().timestamp() * 1000 - clock.monotonic() * 1000

    @property
    def now(self) -> float:
        """The reading of this moment."""
        return self._clock.monotonic()

    def wall_ms(self, reading: float) -> int:
        """Return the wall time of a reading, in milliseconds since 1970."""
        return round(self._zero_ms + reading * 1000)

    def pass_by(self, seconds: float) -> None:
        """Let time pass."""
        self._clock.advance(seconds)

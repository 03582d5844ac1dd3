"""A clock for the sandboxes that goes on only when a test says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from isthmus_sandbox.clock import Clock


class StoppedClock(Clock):
    """Stands at noon of 23 November 2026 until it is moved."""

    def __init__(self, factor: float = 1.0) -> None:
        super().__init__(factor)
        self._now = datetime(2026, 11, 23, 12, tzinfo=UTC)
        self._monotonic = 1000.0
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    async def sleep(self, seconds: float) -> None:
        self.slept.append(self.scaled(seconds))

    def advance(self, seconds: float) -> None:
        """Let this much real time pass."""
        self._now += timedelta(seconds=seconds)
        self._monotonic += seconds

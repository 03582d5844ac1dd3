"""The one place of the sandbox that reads time."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime


class Clock:
    """Real wall clock; durations divided by one factor, so that a day's rehearsal fits an hour."""

    def __init__(self, factor: float = 1.0) -> None:
        if factor < 1:
            raise ValueError(f"The clock factor is {factor}; it must be 1 or more.")
        self.factor = factor

    def now(self) -> datetime:
        """Return the real time, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return real seconds that never go back."""
        return time.monotonic()

    def scaled(self, seconds: float) -> float:
        """Return how many real seconds stand for these."""
        return seconds / self.factor

    async def sleep(self, seconds: float) -> None:
        """Wait for these seconds, scaled."""
        await asyncio.sleep(self.scaled(seconds))

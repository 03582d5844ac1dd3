"""A clock that stands still until a test moves it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Final

from isthmus.ops.clock import Clock

START: Final = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)


class VirtualClock:
    """A ``Clock`` whose time passes by ``advance`` and by sleeping, and never by itself.

    :param start: the time of day at the beginning, in UTC.
    """

    def __init__(self, *, start: datetime = START, factor: float = 1.0) -> None:
        self.factor = factor
        self.sleeps: list[float] = []
        self._start = start
        self._elapsed = 0.0
        self._lock = threading.Lock()

    def advance(self, seconds: float) -> None:
        """Let time pass, as a clock on the wall measures it: not scaled."""
        if seconds < 0:
            raise ValueError(f"time does not run backwards: {seconds}")
        with self._lock:
            self._elapsed += seconds

    def now(self) -> datetime:
        """Return the start plus what has passed."""
        return self._start + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        """Return the seconds that have passed."""
        with self._lock:
            return self._elapsed

    def scaled(self, seconds: float) -> float:
        """Divide by the factor."""
        return seconds / self.factor

    def sleep(self, seconds: float) -> None:
        """Let the scaled time pass at once; ``sleeps`` remembers what was asked for."""
        self.sleeps.append(seconds)
        self.advance(max(0.0, self.scaled(seconds)))

    def wait(self, wake: threading.Event, *, seconds: float) -> bool:
        """Let the scaled time pass at once, unless ``wake`` is set already."""
        if not wake.is_set():
            self.sleep(seconds)
        return wake.is_set()


_conforms: type[Clock] = VirtualClock

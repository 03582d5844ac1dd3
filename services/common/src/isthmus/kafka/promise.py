"""What a call to Kafka promised: to return within its time-out.

librdkafka does not always keep it. Sending offsets to a transaction can hang for ever after a
connection was cut (measured), and only another thread can see it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from isthmus.ops.clock import Clock

GRACE_S: Final = 5.0


class Promise:
    """The call that runs now, and when it must be back."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ends_at = math.inf

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Make a call that promises to return within so many seconds."""
        self._ends_at = self._clock.monotonic() + seconds
        try:
            yield
        finally:
            self._ends_at = math.inf

    @property
    def is_broken(self) -> bool:
        """Tell, on any thread, whether the call should have been back for a while."""
        return self._clock.monotonic() > self._ends_at + GRACE_S

"""Who may send a request now: NetSuite allows so many at once for a whole account."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from isthmus.core.errors import Retryable
from isthmus.netsuite.intent import Priority
from isthmus.ops.clock import Clock


class NoPermit(Retryable):
    """The queue for NetSuite's concurrency was too long for this request's deadline."""

    def __init__(self) -> None:
        super().__init__("no free place at NetSuite before the deadline", reason_class="no-permit")


class Governor(Protocol):
    """Hands out permits. What leaves the ``with`` block, and when, tells it how NetSuite does."""

    def acquire(self, *, deadline: float, priority: Priority) -> AbstractContextManager[None]:
        """Wait for a permit and hold it for the block.

        :raises NoPermit: there was none before the deadline.
        """
        ...


class FixedConcurrency:
    """A governor of so many permits at once, without regard to priority.

    :param permits: NetSuite's limit less the share of other integrations.
    """

    def __init__(self, permits: int, *, clock: Clock) -> None:
        if permits < 1:
            raise ValueError(f"{permits} permits let nothing through")
        self._free = threading.BoundedSemaphore(permits)
        self._clock = clock

    @contextmanager
    def acquire(self, *, deadline: float, priority: Priority) -> Iterator[None]:
        """Wait for a permit and hold it for the block.

        :raises NoPermit: there was none before the deadline.
        """
        if not self._free.acquire(timeout=max(0.0, deadline - self._clock.monotonic())):
            raise NoPermit
        try:
            yield
        finally:
            self._free.release()

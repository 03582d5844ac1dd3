"""The end of a process, asked for by a signal and bounded in time.

    with Shutdown(drain_s=limits.drain_s, clock=clock) as shutdown:
        while not shutdown.requested:
            ...

The first SIGTERM or SIGINT asks; the second ends the process at once.
"""

from __future__ import annotations

import math
import os
import signal
import threading
from collections.abc import Callable
from queue import SimpleQueue
from types import FrameType, TracebackType
from typing import Any, Final, Self

from isthmus.ops.clock import Clock
from isthmus.ops.logs import logger

SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)
ANNOUNCE_S: Final = 1.0

log = logger("ops.shutdown")


class Shutdown:
    """Whether to stop, and by when. Made and entered in the main thread.

    :param drain_s: the seconds from the request to the end; Kafka's time, never scaled.
    :param exit_now: ends the process without any clean-up.
    """

    def __init__(
        self, *, drain_s: float, clock: Clock, exit_now: Callable[[int], object] = os._exit
    ) -> None:
        self.woken: Final = threading.Event()
        self._drain_s = drain_s
        self._clock = clock
        self._exit_now = exit_now
        self._deadline = math.inf
        self._was_signaled = False
        # An Event must not be set in a signal handler: the handler may interrupt the very thread
        # that holds the Event's lock. Putting into a SimpleQueue is reentrant.
        self._reasons: SimpleQueue[str | None] = SimpleQueue()
        self._announcer = threading.Thread(target=self._announce, name="shutdown", daemon=True)
        self._former: dict[signal.Signals, Any] = {}

    @property
    def requested(self) -> bool:
        """Tell whether to stop; costs next to nothing."""
        return self._deadline < math.inf

    @property
    def deadline(self) -> float:
        """Return the monotonic second by which all must be over; infinite until requested."""
        return self._deadline

    @property
    def remaining_s(self) -> float:
        """Return the seconds until the deadline, never below zero; infinite until requested."""
        return max(0.0, self._deadline - self._clock.monotonic())

    def request(self, reason: str) -> None:
        """Ask the process to stop; the first request sets the deadline."""
        if not self.requested:
            self._deadline = self._clock.monotonic() + self._drain_s
        self._reasons.put(reason)

    def __enter__(self) -> Self:
        """Install the signal handlers."""
        self._announcer.start()
        for number in SIGNALS:
            self._former[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Put the former handlers back."""
        for number, former in self._former.items():
            signal.signal(number, former)
        self._former.clear()
        self._reasons.put(None)
        self._announcer.join(ANNOUNCE_S)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if self._was_signaled:
            self._exit_now(128 + number)
        self._was_signaled = True
        self.request(signal.Signals(number).name)

    def _announce(self) -> None:
        while (reason := self._reasons.get()) is not None:
            if not self.woken.is_set():
                self.woken.set()
                log.info("shutdown.requested", reason=reason, drain_s=self._drain_s)

"""Ends a process whose loop hangs inside a call that promised to return.

A call of librdkafka can outlive its own time-out, for ever: measured of sending offsets to a
transaction after a connection was cut. No exception comes, the group has long gone on, and only
another thread can see it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from isthmus.kafka import exits
from isthmus.kafka.promise import Promise
from isthmus.ops import watchdog
from isthmus.ops.clock import Clock
from isthmus.ops.health import Heartbeat
from isthmus.ops.shutdown import Shutdown

LOOK_EVERY_S = 1.0
GRACE_S = 2.0

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Liveness:
    """Watches the heartbeat of the loop from a thread of its own.

    :param promise: the call to Kafka that the loop makes.
    :param bound_s: the age of the heartbeat that is too much: Kafka's longest time between two
        polls, after which the group has taken the partitions away anyway.
    :param end: ends the process at once.
    """

    heartbeat: Heartbeat
    shutdown: Shutdown
    clock: Clock
    promise: Promise
    bound_s: float
    end: Callable[[int], object] = os._exit
    _over: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Begin to watch; the first beat is now."""
        self.heartbeat.beat()
        threading.Thread(target=self._watch, name="liveness", daemon=True).start()

    def stop(self) -> None:
        """Watch no longer."""
        self._over.set()

    def hangs(self) -> bool:
        """Tell whether the loop is beyond hope. While it drains, the drain's deadline counts."""
        if self.shutdown.requested:
            return self.clock.monotonic() > self.shutdown.deadline + GRACE_S
        return self.promise.is_broken or self.heartbeat.age_seconds() > self.bound_s

    def _watch(self) -> None:
        while not self._over.wait(LOOK_EVERY_S):
            if self.hangs():
                why = f"the loop has not turned for {self.heartbeat.age_seconds():.0f} s"
                log.error("process.hangs", exit_code=exits.STALLED, why=why)
                watchdog.dump_stacks(why)
                self.end(exits.STALLED)
                return

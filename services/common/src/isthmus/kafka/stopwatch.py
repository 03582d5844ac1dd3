"""How long records take, noted where they run and told now and then by the loop.

A list is all that a record costs: a stage runs tens of thousands of them a second.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from isthmus.kafka.item import Item
from isthmus.kafka.letters import Write
from isthmus.ops.clock import Clock

Work = Callable[[Item], list[Write]]


@dataclass(slots=True)
class Timings:
    """What was noted of one lane since it was last told. Handlers' threads append to it.

    :param seconds: of each attempt, whatever became of it.
    :param done_ms: the timestamps of records that succeeded.
    """

    seconds: list[float] = field(default_factory=list)
    done_ms: list[int] = field(default_factory=list)

    def take_seconds(self) -> list[float]:
        """Hand out the durations, once."""
        taken = self.seconds[:]
        del self.seconds[: len(taken)]
        return taken

    def take_done_ms(self) -> list[int]:
        """Hand out the timestamps, once."""
        taken = self.done_ms[:]
        del self.done_ms[: len(taken)]
        return taken


def timed(work: Work, clock: Clock) -> Work:
    """Return the same work, with its duration noted in the record's lane."""
    monotonic = clock.monotonic

    def run(item: Item) -> list[Write]:
        timings: Timings = item.lane.timings
        began = monotonic()
        try:
            writes = work(item)
        finally:
            timings.seconds.append(monotonic() - began)
        timings.done_ms.append(item.timestamp_ms)
        return writes

    return run

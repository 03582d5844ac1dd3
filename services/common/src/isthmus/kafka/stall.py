"""The stall watchdog: a group that is stable and moves nothing is the failure nobody sees."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from isthmus.kafka.execution import Execution
from isthmus.kafka.lane import Lane
from isthmus.ops.clock import Clock


class Stalled(Exception):
    """There was work, and for longer than the bound none of it was finished."""


@dataclass(slots=True)
class StallWatch:
    """Looks at each turn whether anything moved.

    :param bound_s: real seconds without progress; above the deadline of any handler.
    :param is_suspicious: whether half of them are over: time enough for somebody to be told.
    """

    clock: Clock
    bound_s: float
    is_suspicious: bool = False
    _since: float | None = None
    _mark: tuple[int, ...] = ()

    def look(self, lanes: Collection[Lane], execution: Execution) -> None:
        """Compare with the turn before.

        :raises Stalled: nothing moved for too long although something could.
        """
        mark = tuple(sum(lane.tally.values()) for lane in lanes)
        has_work = execution.in_flight > 0 or any(lane.has_ready for lane in lanes)
        now = self.clock.monotonic()
        if self._since is None or mark != self._mark or not has_work:
            self._mark, self._since = mark, now
        self.is_suspicious = now - self._since > self.bound_s / 2
        if now - self._since > self.bound_s:
            raise Stalled(
                f"no record was finished in {self.bound_s:g} s,"
                f" {execution.in_flight} are with handlers"
            )

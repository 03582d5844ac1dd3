"""The bounds of the loop, and what they mean for a partition."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from isthmus.kafka.item import Item
from isthmus.kafka.lane import Lane
from isthmus.kafka.window import Bounds


@dataclass(frozen=True, slots=True)
class Bound:
    """The bounds of the loop.

    :param window: of each partition.
    :param parked_records: of each partition; beyond these nothing more is taken from the source.
    :param group_ms: the age at which a group that is not whole is given up.
    :param batch: records that run on the loop's own thread before they are committed.
    :param batch_s: the time after which they are.
    :param rebalance_s: what a callback of the group may wait: for handlers, or for leaders.
    """

    window: Bounds
    parked_records: int
    parked_keys: int
    parked_bytes: int
    group_ms: int
    batch: int
    batch_s: float
    rebalance_s: float

    def admits(self, lane: Lane, *, is_retry: bool) -> bool | None:
        """Tell whether more may be fetched of a lane's partition; none: leave it as it is."""
        window = lane.retry.window if is_retry else lane.source.window
        if not is_retry and (
            lane.parked.records >= self.parked_records
            or len(lane.parked) >= self.parked_keys
            or lane.parked.nbytes >= self.parked_bytes
        ):
            return False
        if window.is_full(self.window):
            return False
        return True if window.has_room(self.window) else None

    def overdue(self, lane: Lane, now_ms: int) -> Iterator[Sequence[Item]]:
        """Yield the groups of a lane that must not be waited for any longer.

        A group that holds the commit back in a full window could never become whole: nothing more
        is read.
        """
        for group in lane.groups:
            window = lane.log_of(group[0]).window
            is_in_the_way = window.oldest is group[0] and window.is_full(self.window)
            if is_in_the_way or now_ms - group[0].read_ms >= self.group_ms:
                yield group

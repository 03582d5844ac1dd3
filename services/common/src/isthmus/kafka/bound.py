"""The bounds of the loop, and what they mean for a partition."""

from __future__ import annotations

from dataclasses import dataclass

from isthmus.kafka.lane import Lane
from isthmus.kafka.window import Bounds


@dataclass(frozen=True, slots=True)
class Bound:
    """The bounds of the loop.

    :param window: of each partition.
    :param parked_records: of each partition; beyond these nothing more is taken from the source.
    :param batch: records that run on the loop's own thread before they are committed.
    :param batch_s: the time after which they are.
    """

    window: Bounds
    parked_records: int
    parked_keys: int
    parked_bytes: int
    batch: int
    batch_s: float
    revoke_s: float

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

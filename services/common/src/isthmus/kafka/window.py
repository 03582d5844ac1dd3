"""The records of one partition between the committed offset and the fetch position.

Offsets are never assumed to be contiguous: transaction markers, compaction and trimming leave
gaps. Only offsets that were received count; a gap is as good as done.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Generic, TypeVar

from isthmus.kafka.done_map import Progress

I = TypeVar("I")  # noqa: E741 - the item that waits at an offset


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one window may hold. The span keeps the done-map within the commit metadata.

    :param span: offsets between the commit and the fetch position.
    :param records: records that are not done.
    :param nbytes: bytes of their keys, values and headers.
    """

    span: int = 20_000
    records: int = 2_000
    nbytes: int = 16 * 1024 * 1024


class Window(Generic[I]):
    """Received offsets of one partition, done or not, in any order of completion."""

    __slots__ = ("_done", "_incomplete", "nbytes", "position")

    def __init__(self, *, committed: int, done: frozenset[int] = frozenset()) -> None:
        self.position = committed
        self.nbytes = 0
        self._done: set[int] = set(done)
        self._incomplete: OrderedDict[int, tuple[I, int]] = OrderedDict()

    def __len__(self) -> int:
        """Count the records that are not done."""
        return len(self._incomplete)

    @property
    def span(self) -> int:
        """Count the offsets between commit and fetch position."""
        return self.position - self.committable

    @property
    def committable(self) -> int:
        """Return the first received offset that is not done, or else the fetch position."""
        for offset in self._incomplete:
            return offset
        return self.position

    @property
    def oldest(self) -> I | None:
        """Return the item that holds the commit back."""
        for item, _ in self._incomplete.values():
            return item
        return None

    def is_news(self, offset: int) -> bool:
        """Tell whether a received offset was neither seen nor done before."""
        return offset >= self.position and offset not in self._done

    def receive(self, offset: int, item: I, nbytes: int) -> None:
        """Take a record in. Ask :meth:`is_news` first."""
        self._incomplete[offset] = (item, nbytes)
        self.nbytes += nbytes
        self.position = offset + 1

    def pass_over(self, position: int) -> None:
        """Move past offsets that carry no record for us: markers, gaps, records done earlier."""
        self.position = max(self.position, position)

    def receive_done(self, offset: int) -> None:
        """Take a record in that is done already. Ask :meth:`is_news` first."""
        self.position = offset + 1
        if self._incomplete:
            self._done.add(offset)

    def finish(self, offset: int) -> None:
        """Mark a received record as done."""
        first = self.committable
        _, nbytes = self._incomplete.pop(offset)
        self.nbytes -= nbytes
        if offset != first:
            self._done.add(offset)

    def progress(self, *, lives: int, suspect: int | None, token: str) -> Progress:
        """Return what to commit: the offset, and the offsets beyond it that are done."""
        committable = self.committable
        if self._done:
            self._done = {offset for offset in self._done if offset >= committable}
        return Progress(
            offset=committable,
            done=frozenset(self._done),
            lives=lives,
            suspect=suspect,
            token=token,
        )

    def is_full(self, bounds: Bounds) -> bool:
        """Tell whether nothing more may be received."""
        return (
            self.span >= bounds.span
            or len(self._incomplete) >= bounds.records
            or self.nbytes >= bounds.nbytes
        )

    def has_room(self, bounds: Bounds) -> bool:
        """Tell whether a full window has emptied enough to receive again: below half."""
        return (
            self.span * 2 <= bounds.span
            and len(self._incomplete) * 2 <= bounds.records
            and self.nbytes * 2 <= bounds.nbytes
        )

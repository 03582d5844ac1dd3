"""The open groups of a lane: records that wait in memory until their group is whole.

A member is received and not done, so the commit stays before the first of them: whoever owns the
partition next reads them all again. They are kept raw.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from isthmus.kafka.item import Item

GroupKey = tuple[bool, str | None, bytes]


def group_of(item: Item) -> GroupKey:
    """Name the group of a record. What an operator sent back is not mixed with what came anew."""
    return item.is_retried, item.replay_id, item.lane_key


@dataclass(slots=True)
class Groups:
    """Members by group, each group in the order of its log; the oldest group first."""

    _open: dict[GroupKey, list[Item]] = field(default_factory=dict)

    def __len__(self) -> int:
        """Count the open groups."""
        return len(self._open)

    def __iter__(self) -> Iterator[Sequence[Item]]:
        """Yield the members of each group."""
        return iter(list(self._open.values()))

    def waits(self, key: bytes) -> bool:
        """Tell whether new records of a key have a group that is open."""
        return (False, None, key) in self._open

    def add(self, item: Item) -> None:
        """Take a member in."""
        self._open.setdefault(group_of(item), []).append(item)

    def members(self, item: Item) -> Sequence[Item]:
        """Return those who wait for this record."""
        return self._open.get(group_of(item), ())

    def close(self, item: Item) -> Sequence[Item]:
        """Return those who wait for this record, and forget them: they share its fate."""
        return self._open.pop(group_of(item), ())

    @property
    def oldest_read_ms(self) -> int | None:
        """Return when the first member of all was read."""
        return min((members[0].read_ms for members in self._open.values()), default=None)

"""The broker: topics, transactions and groups, and the passing of time."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Protocol

from .clock import Time
from .group import Group
from .group_metadata import GroupMetadata
from .offsets import Committed
from .partition_log import Payload, StoredRecord
from .range_assignor import Partition
from .topics import Topics
from .transactions import Session, TransactionCoordinator


class Timed(Protocol):
    """Something that falls due."""

    def next_deadline(self) -> float | None: ...
    def expire(self, now: float) -> None: ...


class Broker:
    """What all clients share."""

    def __init__(self, time: Time) -> None:
        self.time = time
        self.topics = Topics()
        self.transactions = TransactionCoordinator(time)
        self._groups: dict[str, Group] = {}
        self._timed: list[Timed] = [self.transactions]
        self._member_numbers = count(1)

    @property
    def now(self) -> float:
        """The time of the clock."""
        return self.time.now

    @property
    def now_ms(self) -> int:
        """The wall time that goes with the clock, in milliseconds."""
        return self.time.wall_ms(self.now)

    def group(self, group_id: str) -> Group:
        """Return a group, new if it was not there."""
        if group_id not in self._groups:
            self._groups[group_id] = Group(group_id, self.topics.widths)
            self.watch(self._groups[group_id])
        return self._groups[group_id]

    def new_member_id(self, name: str) -> str:
        """Return an id that no member has had."""
        return f"{name}-{next(self._member_numbers):06d}"

    def watch(self, timed: Timed) -> None:
        """Let ``timed`` expire when it falls due."""
        self._timed.append(timed)

    def catch_up(self) -> None:
        """Let everything happen that has fallen due, in the order of its time."""
        while True:
            deadlines = [each.next_deadline() for each in self._timed]
            first = min((each for each in deadlines if each is not None), default=None)
            if first is None or first > self.now:
                return
            for each in list(self._timed):
                each.expire(first)

    def store(
        self, session: Session | None, topic: str, partition: int, payload: Payload
    ) -> StoredRecord:
        """Append what a producer sends.

        :raises Refused: if the producer is fenced, or the topic refuses the record.
        """
        log = self.topics.log(topic, partition)
        transaction = session and self.transactions.join_log(session, log, self.now)
        self.topics.check(topic, payload)
        return log.append(payload, transaction)

    def hold_offsets(
        self, session: Session, who: GroupMetadata, offsets: Mapping[Partition, Committed]
    ) -> None:
        """Make offsets of a group part of a transaction.

        :raises Refused: if the producer is fenced, or the group refuses the member or the offsets.
        """
        group = self.group(who.group_id)
        transaction = self.transactions.join_group(session, group.offsets, self.now)
        group.check_commit(who)
        group.offsets.hold(transaction, offsets)

"""The committed offsets of one group, and those that open transactions hold back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from confluent_kafka import KafkaError, TopicPartition

from .errors import Refused
from .partition_log import Transaction
from .range_assignor import Partition

_METADATA_LIMIT = 4095


class Committed(NamedTuple):
    """A committed position with its metadata."""

    offset: int
    metadata: str

    def at(self, partition: Partition) -> TopicPartition:
        """Return the position as the client gives it: without metadata if it is empty."""
        if not self.metadata:
            return TopicPartition(*partition, self.offset)
        return TopicPartition(*partition, self.offset, self.metadata)


class GroupOffsets:
    """What a group has committed, per partition."""

    def __init__(self) -> None:
        self._stable: dict[Partition, Committed] = {}
        self._pending: dict[Transaction, dict[Partition, Committed]] = {}

    def hold(self, transaction: Transaction, offsets: Mapping[Partition, Committed]) -> None:
        """Keep offsets until ``transaction`` ends.

        :raises Refused: if the metadata of one of them is too long.
        """
        if any(len(each.metadata.encode()) > _METADATA_LIMIT for each in offsets.values()):
            raise Refused(KafkaError.OFFSET_METADATA_TOO_LARGE)
        self._pending.setdefault(transaction, {}).update(offsets)

    def settle(self, transaction: Transaction, *, commit: bool) -> None:
        """End ``transaction``: its offsets become the committed ones, or vanish."""
        offsets = self._pending.pop(transaction, {})
        if commit:
            self._stable.update(offsets)

    def committed(self, partition: Partition) -> Committed | None:
        """Return the stable offset of a partition."""
        return self._stable.get(partition)

    def undecided(self, partitions: Iterable[Partition]) -> bool:
        """Tell whether an open transaction holds an offset of one of ``partitions``."""
        return any(each in held for each in partitions for held in self._pending.values())

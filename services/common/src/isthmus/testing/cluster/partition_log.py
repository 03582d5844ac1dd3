"""One partition: its records, its open transactions, and what a reader sees of it."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from isthmus.kafka.clients import Headers


class Outcome(Enum):
    """How a transaction stands."""

    OPEN = "open"
    COMMITTED = "committed"
    ABORTED = "aborted"


class Transaction:
    """The records and offsets that stand or fall together."""

    def __init__(self, transactional_id: str) -> None:
        self.transactional_id = transactional_id
        self.outcome = Outcome.OPEN


class Payload(NamedTuple):
    """What a producer gives for a record."""

    key: bytes | None
    value: bytes | None
    headers: Headers
    timestamp_ms: int


@dataclass(frozen=True)
class StoredRecord:
    """A record as it lies in the log; a control record marks the end of a transaction."""

    topic: str
    partition: int
    offset: int
    payload: Payload
    transaction: Transaction | None
    control: bool = False

    @property
    def key(self) -> bytes | None:
        """Its key."""
        return self.payload.key

    @property
    def value(self) -> bytes | None:
        """Its value; None is a tombstone."""
        return self.payload.value

    @property
    def headers(self) -> Headers:
        """Its headers."""
        return self.payload.headers

    @property
    def timestamp_ms(self) -> int:
        """When it was made, in milliseconds since 1970."""
        return self.payload.timestamp_ms

    @property
    def aborted(self) -> bool:
        """Whether its transaction was aborted."""
        return self.transaction is not None and self.transaction.outcome is Outcome.ABORTED

    @property
    def open(self) -> bool:
        """Whether its transaction still runs."""
        return self.transaction is not None and self.transaction.outcome is Outcome.OPEN


class PartitionLog:
    """An append-only list of records with the two ends that readers know."""

    def __init__(self, topic: str, partition: int) -> None:
        self.topic = topic
        self.partition = partition
        self.start_offset = 0
        self.end_offset = 0
        self.records: list[StoredRecord] = []
        self._open: dict[Transaction, int] = {}

    @property
    def last_stable_offset(self) -> int:
        """The end for a reader of committed records: the first offset still undecided."""
        return min(self._open.values(), default=self.end_offset)

    def end(self, *, committed_only: bool) -> int:
        """Return the end that a reader of this isolation level sees."""
        return self.last_stable_offset if committed_only else self.end_offset

    def append(self, payload: Payload, transaction: Transaction | None) -> StoredRecord:
        """Store a record at the end."""
        if transaction is not None:
            self._open.setdefault(transaction, self.end_offset)
        return self._store(payload, transaction)

    def mark(self, transaction: Transaction, timestamp_ms: int) -> None:
        """Store the control record that ends ``transaction`` here."""
        self._open.pop(transaction, None)
        self._store(Payload(None, None, [], timestamp_ms), transaction, control=True)

    def read(
        self, offset: int, limit: int, *, committed_only: bool
    ) -> tuple[list[StoredRecord], int]:
        """Return up to ``limit`` visible records from ``offset`` on, and where to read next."""
        end = self.end(committed_only=committed_only)
        found: list[StoredRecord] = []
        for record in self.records[self._index(offset) : self._index(end)]:
            hidden = record.control or (committed_only and record.aborted)
            if not hidden:
                found.append(record)
                if len(found) == limit:
                    return found, record.offset + 1
        return found, max(offset, end)

    def drop_before(self, offset: int) -> None:
        """Delete the records before ``offset``, as retention does."""
        self.start_offset = max(self.start_offset, min(offset, self.end_offset))
        del self.records[: self._index(self.start_offset)]

    def compact(self) -> None:
        """Keep the last committed record of each key, and everything that is still undecided."""
        last = {
            record.key: record.offset
            for record in self.records
            if not (record.control or record.aborted or record.open)
        }
        stable = self.last_stable_offset
        self.records = [
            record
            for record in self.records
            if record.offset >= stable or last.get(record.key) == record.offset
        ]

    def _index(self, offset: int) -> int:
        return bisect_left(self.records, offset, key=lambda record: record.offset)

    def _store(
        self, payload: Payload, transaction: Transaction | None, *, control: bool = False
    ) -> StoredRecord:
        offset = self.end_offset
        record = StoredRecord(self.topic, self.partition, offset, payload, transaction, control)
        self.records.append(record)
        self.end_offset += 1
        return record

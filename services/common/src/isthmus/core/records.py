"""What a handler is given and what it gives back; the loop does the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Protocol, TypeVar

import msgspec

V = TypeVar("V")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Record(Generic[V]):
    """A decoded record. Its coordinates are those of the source, also when it comes from a retry.

    :param timestamp: when the record was first written, UTC.
    :param key: ``<account>/<business key>``.
    """

    topic: str
    partition: int
    offset: int
    timestamp: datetime
    key: str
    value: V
    headers: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def effect_id(self) -> str:
        """Name the one effect of this record: stable under redelivery, retry and replay."""
        return f"{self.topic}/{self.partition}/{self.offset}"


@dataclass(frozen=True, slots=True)
class Output:
    """A record to write. A value of ``None`` is a tombstone."""

    topic: str
    key: str
    value: msgspec.Struct | None
    headers: Mapping[str, bytes] = field(default_factory=dict)


class Table(Protocol[T_co]):
    """A compacted topic, read as a table. Bounded by disk, not by memory."""

    def get(self, key: str) -> T_co | None:
        """Return the last value of the key."""
        ...

    def find(self, index: str) -> tuple[T_co, ...]:
        """Return the values whose index, as the table was declared, equals this one."""
        ...


Tables = Mapping[str, Table[msgspec.Struct]]


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a sink's handler knows about this try.

    :param number: 1 for the first try of this record.
    :param unsure: an earlier try may have had its effect: look before you write.
    :param deadline: monotonic seconds after which the answer comes too late to be used.
    :param is_current: whether this process still owns the record; ask before each request.
    """

    number: int
    unsure: bool
    deadline: float
    is_current: IsCurrent
    tables: Tables


class IsCurrent(Protocol):
    """Tell whether the caller still owns the record it works on."""

    def __call__(self) -> bool:
        """Return false once the partition was taken away or the time is up."""
        ...


class Transform(Protocol):
    """The whole of a stage: facts in, commands out, nothing touched.

    :raises Rejected: the record can never be mapped.
    :raises Retryable: something it needs is not there yet.
    """

    def __call__(self, record: Record[msgspec.Struct], tables: Tables) -> Iterable[Output]:
        """Return what follows from the record."""
        ...


class TransformGroup(Protocol):
    """The whole of a stage of groups: all records of one key that belong together.

    :raises Rejected: the group can never be mapped; all of it becomes dead letters.
    :raises Retryable: something it needs is not there yet.
    """

    def __call__(self, group: Iterator[Record[msgspec.Struct]], tables: Tables) -> Iterable[Output]:
        """Return what follows from the group; its records come one at a time, in their order."""
        ...


class IsWhole(Protocol):
    """Tells the end of a group. Pure: it is asked again when the records are read again.

    :raises Rejected: the record does not belong here; it and those that wait become dead letters.
    """

    def __call__(self, record: Record[msgspec.Struct], count: int, /) -> bool:
        """Tell whether the group is whole with this record, its ``count``-th."""
        ...


class Handle(Protocol):
    """The whole of a sink: one command to one effect, and the outcome to tell.

    :raises Rejected: the command can never be executed.
    :raises Retryable: it was not executed, and may be later.
    :raises Unknown: it may have been executed.
    """

    def __call__(self, record: Record[msgspec.Struct], attempt: Attempt) -> Iterable[Output]:
        """Have the effect and return the outcome."""
        ...


@dataclass(frozen=True, slots=True)
class Refused:
    """What an outside end answered and no fact could be made of: the source's dead letter.

    :param raw: the answer as it came, so far as it concerns this fact.
    """

    topic: str
    key: str
    raw: bytes
    reason_class: str
    detail: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """Facts, and the cursor that stands behind them: written in one transaction.

    :param cursor: text that the feed understands when it goes on from here.
    """

    outputs: tuple[Output, ...]
    cursor: str
    refused: tuple[Refused, ...] = ()


class Poll(Protocol):
    """The whole of a source's feed: a generator that ends when it has caught up.

    :raises Retryable: the outside does not answer now; what was yielded stays.
    :raises Rejected: the feed of this account cannot go on without a person (breaker).
    """

    def __call__(self, account: str, cursor: str | None) -> Iterator[Batch]:
        """Yield what is new since the cursor (none: since the beginning)."""
        ...

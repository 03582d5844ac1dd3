"""Kafka, as the release of waiting orders sees it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import msgspec

from isthmus.core.records import Record, Tables, Transform
from isthmus.kafka.clients import Message
from isthmus.kafka.codec import Codec
from isthmus.kafka.dead_letters import Letter
from isthmus.kafka.process import Process
from isthmus.kafka.reader import BEGINNING, OnMessages, Reader, Reading
from isthmus.kafka.replay import Desk, Operator
from isthmus.kafka.tables import TopicTable
from isthmus.kafka.transactions import Transactions
from isthmus_mapper.release import State

ORDERS: Final = "amazon.orders"


class NoRows:
    """A table that holds nothing: a rehearsal maps as if the order had never been commanded."""

    def get(self, _key: str) -> msgspec.Struct | None:
        """Return nothing."""
        return None

    def find(self, _index: str) -> tuple[msgspec.Struct, ...]:
        """Return nothing."""
        return ()


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Tells of a dead letter whether it would be mapped now, by mapping it for nobody."""

    transform: Transform
    tables: Tables
    codec: Codec

    def __call__(self, letter: Letter) -> bool:
        """Map it; return whether that went well."""
        try:
            record = Record(
                topic=letter.origin.topic,
                partition=letter.origin.partition,
                offset=letter.origin.offset,
                timestamp=letter.failed_at,
                key=letter.key_text,
                value=self.codec.decode(letter.origin.topic, letter.value),
            )
            for _ in self.transform(record, self.tables):
                pass
        except Exception:  # noqa: BLE001 - refused, not yet, or a bug: in each case not now
            return False
        return True


@dataclass(slots=True)
class Watch:
    """Follows the items and the holds, on a consumer of its own."""

    reader: Reader
    _readings: list[Reading] = field(default_factory=list)
    _held: int = 0
    _items: int = 0

    def follow(self, table: TopicTable, partitions: Iterable[int]) -> None:
        """Keep a table of items, or of what is known of all of them, up to date."""

        def take(messages: Sequence[Message]) -> None:
            self._items += len(messages)
            table.apply(
                ((message.key() or b"").decode("utf-8", errors="replace"), message.value())
                for message in messages
            )

        self._read(table.spec.topic, partitions, take)

    def follow_holds(self, topic: str, partitions: Iterable[int]) -> None:
        """Notice when keys are held or released."""

        def take(messages: Sequence[Message]) -> None:
            self._held += len(messages)

        self._read(topic, partitions, take)

    def look(self) -> State | None:
        """Take in what has come; return the state, or none before all was read once."""
        while self.reader.poll():
            pass
        if not all(reading.is_caught_up for reading in self._readings):
            return None
        return State(held=self._held, items=self._items)

    def _read(self, topic: str, partitions: Iterable[int], take: OnMessages) -> None:
        read = partial(self.reader.read, topic, offset=BEGINNING, follows=True, on_messages=take)
        self._readings += [read(partition=one) for one in partitions]


@contextmanager
def desk_of(process: Process, transactions: Transactions) -> Iterator[Operator]:
    """Give the desk of the mapper's own dead letters, with clients of its own."""
    topology, service = process.topology, process.settings.service
    reader = process.reader()
    with closing(reader.consumer):
        yield Operator(
            desk=Desk.of(topology, ORDERS, service),
            reader=reader,
            transactions=transactions,
            codec=process.codec,
            clock=process.clock,
        )

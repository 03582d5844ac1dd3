"""A consumer under observation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from confluent_kafka import TopicPartition

from isthmus.kafka.clients import Consumer, Message

Numbers = list[tuple[str, int]]


class Member:
    """Remembers what a consumer was given: records, events, and calls of its callbacks."""

    def __init__(self, consumer: Consumer, *, start: int | None = 0) -> None:
        self.consumer = consumer
        self.history: list[tuple[str, Numbers]] = []
        self.records: list[Message] = []
        self.events: list[tuple[str, int | None, int | None]] = []
        self.on_revoke: Callable[[], None] = _nothing
        self._start = start

    def subscribe(self, *topics: str) -> Member:
        """Join the consumer's group."""
        self.consumer.subscribe(
            list(topics), on_assign=self._assigned, on_revoke=self._revoked, on_lost=self._lost
        )
        return self

    def read(self, *partitions: TopicPartition) -> Member:
        """Read partitions without a group."""
        self.consumer.assign(list(partitions))
        return self

    def poll(self, timeout: float, limit: int = 100) -> None:
        """Consume once."""
        for message in self.consumer.consume(limit, timeout):
            error = message.error()
            if error is None:
                self.records.append(message)
            else:
                self.events.append((error.name(), message.partition(), message.offset()))

    @property
    def values(self) -> list[bytes | None]:
        """The values of the records, in the order they came."""
        return [record.value() for record in self.records]

    @property
    def owned(self) -> Numbers:
        """What the consumer reads."""
        return numbers(self.consumer.assignment())

    @property
    def calls(self) -> list[str]:
        """The callbacks that were called, in order."""
        return [call for call, _ in self.history]

    def events_named(self, name: str) -> list[tuple[int | None, int | None]]:
        """Return partition and offset of the events of one kind."""
        return [(partition, offset) for found, partition, offset in self.events if found == name]

    def _assigned(self, consumer: Any, partitions: list[TopicPartition]) -> None:
        self.history.append(("assign", numbers(partitions)))
        if self._start is not None:
            start = self._start
            consumer.assign([TopicPartition(p.topic, p.partition, start) for p in partitions])

    def _revoked(self, consumer: Any, partitions: list[TopicPartition]) -> None:
        self.history.append(("revoke", numbers(partitions)))
        self.on_revoke()

    def _lost(self, consumer: Any, partitions: list[TopicPartition]) -> None:
        self.history.append(("lose", numbers(partitions)))


def numbers(partitions: list[TopicPartition]) -> Numbers:
    """Return topics and partition numbers, sorted."""
    return sorted((each.topic, each.partition) for each in partitions)


def _nothing() -> None:
    """Do nothing when partitions are revoked."""

"""What must be known of a partition before its first record runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Final

from confluent_kafka import KafkaException, TopicPartition

from isthmus.kafka import done_map, reader
from isthmus.kafka.clients import Consumer, Message
from isthmus.kafka.done_map import Progress
from isthmus.kafka.reader import Reader, Reading

OFFSET_UNKNOWN: Final = -1001
COMMITTED_TIMEOUT_S: Final = 0.3


class CommittedOffset:
    """The stable committed position of one partition, asked for without stopping the loop."""

    def __init__(
        self, *, consumer: Consumer, table_reader: Reader, topic: str, partition: int
    ) -> None:
        self._consumer = consumer
        self._reader = table_reader
        self._place = TopicPartition(topic, partition)
        self._beginning: Future[Any] | None = None
        self.progress: Progress | None = None

    def ask(self) -> bool:
        """Ask once; tell whether the answer is there. A pending transaction delays it."""
        if self.progress is None and self._beginning is None:
            self._ask_group()
        if self.progress is None and self._beginning is not None and self._beginning.done():
            self._begin_at_first()
        return self.progress is not None

    def _ask_group(self) -> None:
        try:
            (place,) = self._consumer.committed([self._place], COMMITTED_TIMEOUT_S)
        except KafkaException:
            return
        if place.error is not None:
            return
        if place.offset == OFFSET_UNKNOWN:
            self._beginning = reader.beginning(self._reader.admin, place.topic, place.partition)
        else:
            self.progress = done_map.decode(place.offset, place.metadata)

    def _begin_at_first(self) -> None:
        assert self._beginning is not None
        try:
            self.progress = Progress(offset=self._beginning.result().offset)
        except KafkaException as error:
            self._beginning = None
            self._reader.renew_admin(error)


@dataclass(slots=True)
class Restore:
    """One partition on its way to becoming a lane.

    :param extra: further readings that must have caught up: held keys, local tables.
    """

    partition: int
    source: CommittedOffset
    retry: CommittedOffset
    retry_topic: str
    began_at: float
    extra: Sequence[Callable[[], Reading]]
    parked: Counter[bytes] = field(default_factory=Counter)
    readings: list[Reading] = field(default_factory=list)
    is_late: bool = False

    def advance(self, table_reader: Reader) -> bool:
        """Take one step; tell whether the partition is ready."""
        if not self.source.ask() or not self.retry.ask():
            return False
        assert self.retry.progress is not None
        if not self.readings:
            self.readings = [self._count_parked(table_reader, self.retry.progress)]
            self.readings += [begin() for begin in self.extra]
        return all(reading.is_caught_up for reading in self.readings)

    @property
    def counted_to(self) -> int:
        """Return the end of the retry partition as it was counted."""
        return self.readings[0].position

    def cancel(self, table_reader: Reader) -> None:
        """Stop reading: the partition was taken away."""
        for reading in self.readings:
            table_reader.drop(reading)

    def _count_parked(self, table_reader: Reader, progress: Progress) -> Reading:
        def count(messages: Sequence[Message]) -> None:
            for message in messages:
                if message.offset() not in progress.done:
                    self.parked[message.key() or b""] += 1

        return table_reader.read(
            self.retry_topic,
            self.partition,
            offset=progress.offset,
            follows=False,
            on_messages=count,
        )

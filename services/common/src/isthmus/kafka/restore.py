"""What must be known of a partition before its first record runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Final

from confluent_kafka import KafkaException, TopicPartition

from isthmus.kafka import done_map, reader
from isthmus.kafka.beacon import Beacon
from isthmus.kafka.clients import Consumer, Message
from isthmus.kafka.done_map import Progress
from isthmus.kafka.parked import Parked
from isthmus.kafka.reader import Reader, Reading

OFFSET_UNKNOWN: Final = -1001
COMMITTED_TIMEOUT_S: Final = 0.3


class CommittedPosition:
    """The committed position of one partition, or its beginning where nothing was committed."""

    def __init__(self, table_reader: Reader, topic: str, partition: int) -> None:
        self._reader = table_reader
        self._beginning: Future[Any] | None = None
        self.place = TopicPartition(topic, partition)
        self.progress: Progress | None = None

    def take(self, answer: TopicPartition) -> None:
        """Take what the group answers."""
        if answer.error is not None:
            return
        if answer.offset == OFFSET_UNKNOWN:
            place = self.place
            self._beginning = reader.beginning(self._reader.admin, place.topic, place.partition)
        else:
            self.progress = done_map.decode(answer.offset, answer.metadata)

    @property
    def is_unasked(self) -> bool:
        """Tell whether the group has not answered yet."""
        return self.progress is None and self._beginning is None

    def settle(self) -> bool:
        """Tell whether the position is known."""
        if self.progress is None and self._beginning is not None and self._beginning.done():
            try:
                self.progress = Progress(offset=self._beginning.result().offset)
            except KafkaException as error:
                self._beginning = None
                self._reader.renew_admin(error)
        return self.progress is not None


class CommittedPositions:
    """The stable positions of a lane, asked for without stopping the loop.

    :param held_topic: where the lane's beacon stands.
    """

    def __init__(
        self,
        *,
        consumer: Consumer,
        table_reader: Reader,
        positions: Sequence[CommittedPosition],
        held_topic: str,
        partition: int,
    ) -> None:
        self._consumer = consumer
        self._reader = table_reader
        self._positions = positions
        self._held = TopicPartition(held_topic, partition)
        self._held_end: Future[Any] | None = None
        self.beacon: Beacon | None = None

    def ask(self) -> bool:
        """Ask once; tell whether the answer is there. A pending transaction delays it."""
        if self.beacon is None:
            self._light()
        unasked = [one for one in self._positions if one.is_unasked]
        if self.beacon is not None and unasked:
            self._ask_group(self.beacon, unasked)
        return all(one.settle() for one in self._positions)

    def _light(self) -> None:
        if self._held_end is None:
            self._held_end = reader.watermark(
                self._reader.admin, self._held.topic, self._held.partition
            )
        if not self._held_end.done():
            return
        try:
            end = self._held_end.result().offset
        except KafkaException as error:
            self._held_end = None
            self._reader.renew_admin(error)
        else:
            self.beacon = Beacon(self._consumer, self._held.topic, self._held.partition, end)

    @staticmethod
    def _ask_group(beacon: Beacon, unasked: Sequence[CommittedPosition]) -> None:
        try:
            answers = beacon.committed([one.place for one in unasked], COMMITTED_TIMEOUT_S)
        except KafkaException:
            return
        for one, answer in zip(unasked, answers or (), strict=False):
            one.take(answer)


@dataclass(slots=True)
class Restore:
    """One partition on its way to becoming a lane.

    :param extra: further readings that must have caught up: held keys, local tables.
    """

    partition: int
    source: CommittedPosition
    retry: CommittedPosition
    committed: CommittedPositions
    began_at: float
    extra: Sequence[Callable[[], Reading]]
    parked: Parked = field(default_factory=Parked)
    readings: list[Reading] = field(default_factory=list)
    is_late: bool = False

    def advance(self, table_reader: Reader) -> bool:
        """Take one step; tell whether the partition is ready."""
        if not self.committed.ask():
            return False
        assert self.retry.progress is not None
        if not self.readings:
            self.readings = [self._count_parked(table_reader, self.retry.progress)]
            self.readings += [begin() for begin in self.extra]
        return all(reading.is_caught_up for reading in self.readings)

    @property
    def waits_for_the_group(self) -> bool:
        """Tell whether it asked for its positions in vain: each question may take a while."""
        return self.committed.beacon is not None and (
            self.source.is_unasked or self.retry.is_unasked
        )

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
                    self.parked.add(message.key(), message.value(), message.headers())

        return table_reader.read(
            self.retry.place.topic,
            self.partition,
            offset=progress.offset,
            follows=False,
            on_messages=count,
        )

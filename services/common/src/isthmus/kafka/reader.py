"""Reads partitions outside of the group: tables, held keys, and what is parked at the start.

A reading begins at an offset and is caught up at the high watermark that stood when it began, not
at the last stable offset: a transaction left open by a dead owner hides committed records behind
it, and a lane that starts without them overtakes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from confluent_kafka import KafkaError, KafkaException, TopicPartition

from isthmus.kafka.clients import Admin, Consumer, Message
from isthmus.kafka.questions import END, FIRST, Asking, Question

BEGINNING: Final = -2  # OFFSET_BEGINNING of librdkafka
BATCH: Final = 1000
LEADERS_S: Final = 0.5

OnMessages = Callable[[Sequence[Message]], None]


@dataclass(slots=True)
class Reading:
    """One partition being read.

    :param end: asks for the high watermark to reach.
    :param stop_at: the high watermark; none while it is not known.
    :param follows: whether to go on after that, for a table that others write.
    """

    partition: TopicPartition
    on_messages: OnMessages
    follows: bool
    end: Question
    stop_at: int | None = None
    position: int = 0

    @property
    def is_caught_up(self) -> bool:
        """Tell whether all that stood in the partition at the start was read."""
        return self.stop_at is not None and self.position >= self.stop_at


@dataclass(slots=True)
class Reader:
    """Several readings on one consumer that is in no group."""

    consumer: Consumer
    make_admin: Callable[[], Admin]
    asking: Asking = field(init=False)
    _readings: dict[tuple[str, int], Reading] = field(default_factory=dict)
    _looked_up: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Make the first admin client."""
        self.asking = Asking(self.make_admin)

    @property
    def admin(self) -> Admin:
        """Return the admin client of this moment; another one answers after a change of leader."""
        return self.asking.admin

    def ask_first(self, topic: str, partition: int) -> Question:
        """Ask for the first offset that is still there."""
        return Question(self.asking, topic, partition, FIRST)

    def ask_end(self, topic: str, partition: int) -> Question:
        """Ask for the high watermark: the end of the log, open transactions included."""
        return Question(self.asking, topic, partition, END)

    def read(
        self, topic: str, partition: int, *, offset: int, follows: bool, on_messages: OnMessages
    ) -> Reading:
        """Begin to read a partition from an offset."""
        self._look_up(topic)
        place = TopicPartition(topic, partition, offset)
        reading = Reading(
            partition=place,
            on_messages=on_messages,
            follows=follows,
            end=self.ask_end(topic, partition),
            position=offset,
        )
        self._readings[topic, partition] = reading
        self.consumer.incremental_assign([place])
        return reading

    def drop(self, reading: Reading) -> None:
        """Read no more of a partition."""
        place = (reading.partition.topic, reading.partition.partition)
        if self._readings.get(place) is reading:
            del self._readings[place]
            self.consumer.incremental_unassign([TopicPartition(*place)])

    def poll(self) -> int:
        """Take what has come, without waiting; return how many records that was."""
        if not self._readings:
            return 0
        by_place: dict[tuple[str, int], list[Message]] = {}
        for message in self.consumer.consume(BATCH, 0):
            place = (message.topic() or "", message.partition() or 0)
            if place not in self._readings:
                continue
            error = message.error()
            if error is None:
                by_place.setdefault(place, []).append(message)
            elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - librdkafka's own code
                reading = self._readings[place]
                reading.position = max(reading.position, message.offset() or 0)
            elif error.fatal() or not error.retriable():
                raise KafkaException(error)
        for place, messages in by_place.items():
            reading = self._readings[place]
            reading.on_messages(messages)
            reading.position = max(reading.position, (messages[-1].offset() or 0) + 1)
        self._settle()
        return sum(map(len, by_place.values()))

    def _look_up(self, topic: str) -> None:
        """Have the client find the leaders of a topic now: by itself it looks once a second.

        A restore reads one topic after the other, and would wait for that second at each. Where
        nobody answers, the client goes on by itself.
        """
        if topic not in self._looked_up:
            self._looked_up.add(topic)
            with suppress(KafkaException):
                self.consumer.list_topics(topic, LEADERS_S)

    def _settle(self) -> None:
        # Asked for as long as it takes: without an end the lane must not start, and the restore
        # that waits for it says so after its bound.
        for reading in self._readings.values():
            if reading.stop_at is None:
                reading.stop_at = reading.end.answer()
        for reading in [one for one in self._readings.values() if one.is_caught_up]:
            if not reading.follows:
                self.drop(reading)

"""Reads partitions outside of the group: tables, held keys, and what is parked at the start.

A reading begins at an offset and is caught up at the high watermark that stood when it began, not
at the last stable offset: a transaction left open by a dead owner hides committed records behind
it, and a lane that starts without them overtakes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Final

from confluent_kafka import IsolationLevel, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin._listoffsets import OffsetSpec

from isthmus.kafka.clients import Admin, Consumer, Message

BEGINNING: Final = -2  # OFFSET_BEGINNING of librdkafka
BATCH: Final = 1000
REQUEST_TIMEOUT_S: Final = 10.0

OnMessages = Callable[[Sequence[Message]], None]


@dataclass(slots=True)
class Reading:
    """One partition being read.

    :param stop_at: the high watermark to reach; none while it is being asked for.
    :param asked: who was asked for it; none once it is known.
    :param follows: whether to go on after that, for a table that others write.
    """

    partition: TopicPartition
    on_messages: OnMessages
    follows: bool
    asked: Admin | None
    watermark: Future[Any]
    stop_at: int | None = None
    position: int = 0
    errors: int = 0

    @property
    def is_caught_up(self) -> bool:
        """Tell whether all that stood in the partition at the start was read."""
        return self.stop_at is not None and self.position >= self.stop_at


@dataclass(slots=True)
class Reader:
    """Several readings on one consumer that is in no group.

    :param admin_of: makes an admin client; a new one is made when one has failed. librdkafka's
        keeps the leader epoch that it knew first: after a change of leader it is refused for ever
        (FENCED_LEADER_EPOCH, measured).
    """

    consumer: Consumer
    admin_of: Callable[[], Admin]
    admin: Admin = field(init=False)
    _former: list[Admin] = field(default_factory=list)
    _readings: dict[tuple[str, int], Reading] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make the first admin client."""
        self.admin = self.admin_of()

    def renew_admin(self, error: KafkaException) -> None:
        """Ask by a new admin client from now on, unless the error says that it was just renewed.

        What the old client was still asked for ends with it: to renew for that as well would end
        the questions of the new one, and so on.
        """
        if error.args[0].code() != KafkaError._DESTROY:  # noqa: SLF001 - librdkafka's own code
            # What it was still asked for is answered only as long as it lives: a question that
            # ends with it may end without any answer (measured), and would be waited for for ever.
            self._former.append(self.admin)
            self.admin = self.admin_of()

    def read(
        self, topic: str, partition: int, *, offset: int, follows: bool, on_messages: OnMessages
    ) -> Reading:
        """Begin to read a partition from an offset."""
        place = TopicPartition(topic, partition, offset)
        reading = Reading(
            partition=place,
            on_messages=on_messages,
            follows=follows,
            asked=self.admin,
            watermark=watermark(self.admin, topic, partition),
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

    def _settle(self) -> None:
        for reading in [one for one in self._readings.values() if one.stop_at is None]:
            if reading.watermark.done():
                self._take_watermark(reading)
        if all(one.stop_at is not None for one in self._readings.values()):
            self._former.clear()
        for reading in [one for one in self._readings.values() if one.is_caught_up]:
            if not reading.follows:
                self.drop(reading)

    def _take_watermark(self, reading: Reading) -> None:
        place = reading.partition
        try:
            reading.stop_at, reading.asked = reading.watermark.result().offset, None
        except KafkaException as error:
            # Asked again for as long as it takes: without it the lane must not start, and the
            # restore that waits for it says so after its bound.
            reading.errors += 1
            if reading.asked is self.admin:  # else another reading has renewed it since
                self.renew_admin(error)
            reading.asked = self.admin
            reading.watermark = watermark(self.admin, place.topic, place.partition)


def watermark(admin: Admin, topic: str, partition: int) -> Future[Any]:
    """Ask for the high watermark: the end of the log, open transactions included."""
    return _ask(admin, topic, partition, OffsetSpec.latest())  # type: ignore[no-untyped-call]


def beginning(admin: Admin, topic: str, partition: int) -> Future[Any]:
    """Ask for the first offset that is still there."""
    return _ask(admin, topic, partition, OffsetSpec.earliest())  # type: ignore[no-untyped-call]


def _ask(admin: Admin, topic: str, partition: int, spec: OffsetSpec) -> Future[Any]:
    place = TopicPartition(topic, partition)
    return admin.list_offsets(
        {place: spec},
        isolation_level=IsolationLevel.READ_UNCOMMITTED,
        request_timeout=REQUEST_TIMEOUT_S,
    )[place]

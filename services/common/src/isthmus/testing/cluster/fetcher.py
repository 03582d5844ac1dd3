"""What a consumer reads: its assignment, positions, pauses, and the end-of-partition events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from confluent_kafka import (
    OFFSET_BEGINNING,
    OFFSET_END,
    OFFSET_INVALID,
    OFFSET_STORED,
    KafkaError,
    TopicPartition,
)

from isthmus.kafka.clients import Message

from . import codes
from .broker import Broker
from .errors import Refused, kafka_error
from .messages import of_event, of_record
from .partition_log import PartitionLog
from .range_assignor import Partition
from .settings import ConsumerSettings

_BY_COMMIT = {OFFSET_INVALID, OFFSET_STORED}


@dataclass
class _Reading:
    """How far one partition is read; ``next`` is None until the start is known."""

    log: PartitionLog
    asked: int
    next: int | None = None
    position: int = OFFSET_INVALID
    told_end: int | None = None
    high: int | None = None
    broken: bool = False


class Fetcher:
    """Reads the assigned partitions in turns."""

    def __init__(self, broker: Broker, settings: ConsumerSettings) -> None:
        self._broker = broker
        self._settings = settings
        self._readings: dict[Partition, _Reading] = {}
        self._known: set[Partition] = set()
        self._paused: set[Partition] = set()
        self._early: list[Message] = []
        self._first = 0

    def assign(self, partitions: Iterable[TopicPartition]) -> None:
        """Read these partitions and no others."""
        self._readings, self._early = {}, []
        self.add(partitions)

    def add(self, partitions: Iterable[TopicPartition]) -> None:
        """Read these partitions too.

        :raises Refused: if one of them is read already.
        """
        for each in partitions:
            if _key(each) in self._readings:
                raise Refused(codes.CONFLICT)
            reading = _Reading(self._existing(each), each.offset)
            if each.offset not in _BY_COMMIT:
                reading.next = self._logical(reading.log, each.offset)
                # The client may fetch once before a pause that follows at once takes hold.
                self._early += self._check_start(reading)
            self._readings[_key(each)] = reading
            self._known.add(_key(each))

    def remove(self, partitions: Iterable[TopicPartition]) -> None:
        """Read these partitions no longer.

        :raises Refused: if one of them is not read.
        """
        for each in partitions:
            if self._readings.pop(_key(each), None) is None:
                raise Refused(codes.INVALID_ARG)

    def assignment(self) -> list[TopicPartition]:
        """Return what is read, as it was asked for."""
        return [
            TopicPartition(topic, partition, reading.asked)
            for (topic, partition), reading in self._readings.items()
        ]

    def pause(self, partitions: Iterable[TopicPartition]) -> None:
        """Stop delivering from partitions; one that was never assigned is passed over.

        The pause stays when a partition is revoked and comes back.
        """
        self._paused |= {_key(each) for each in partitions} & self._known

    def resume(self, partitions: Iterable[TopicPartition]) -> None:
        """Deliver again; the end of the partition is told again too."""
        for each in partitions:
            self._paused.discard(_key(each))
            if _key(each) in self._readings:
                self._readings[_key(each)].told_end = None

    def seek(self, partition: TopicPartition) -> None:
        """Read on from another offset.

        :raises Refused: if the partition is not read, or its start is not known yet.
        """
        if _key(partition) not in self._known:
            raise Refused(codes.UNKNOWN_PARTITION)
        reading = self._readings.get(_key(partition))
        if reading is None or reading.next is None:
            raise Refused(codes.STATE)
        start = self._logical(reading.log, partition.offset)
        self._readings[_key(partition)] = _Reading(
            reading.log, reading.asked, start, high=reading.high
        )

    def position(self, partition: TopicPartition) -> int:
        """Return the offset after what was delivered or passed over, or OFFSET_INVALID."""
        reading = self._readings.get(_key(partition))
        return OFFSET_INVALID if reading is None else reading.position

    def high_watermark(self, partition: TopicPartition) -> int | None:
        """Return the end of the partition at the last fetch."""
        reading = self._readings.get(_key(partition))
        return None if reading is None else reading.high

    def fetch(self, limit: int) -> list[Message]:
        """Return up to ``limit`` records and events, the partitions taking turns to begin."""
        self._early += self._start_readings()
        messages, self._early = self._early[:limit], self._early[limit:]
        readings = [each for key, each in self._readings.items() if key not in self._paused]
        self._first += 1
        for index in range(len(readings)):
            reading = readings[(self._first + index) % len(readings)]
            if len(messages) < limit and reading.next is not None:
                messages += self._read(reading, limit - len(messages))
        return messages

    def _start_readings(self) -> list[Message]:
        waiting = {
            key: reading
            for key, reading in self._readings.items()
            if reading.next is None and not reading.broken
        }
        offsets = self._broker.group(self._settings.group_id).offsets
        # One offset that is not stable yet delays all the partitions that ask for theirs.
        if self._settings.committed_only and offsets.undecided(waiting):
            return []
        errors: list[Message] = []
        for key, reading in waiting.items():
            committed = offsets.committed(key)
            errors += self._begin(reading, committed.offset if committed else None)
        return errors

    def _begin(self, reading: _Reading, committed: int | None) -> list[Message]:
        if committed is not None:
            reading.next = committed
            return []
        reason = "no previously committed offset available: Local: No offset stored"
        return self._reset(reading, OFFSET_INVALID, reason)

    def _read(self, reading: _Reading, limit: int) -> list[Message]:
        log = reading.log
        if errors := self._check_start(reading):
            return errors
        assert reading.next is not None
        committed_only = self._settings.committed_only
        records, next_offset = log.read(reading.next, limit, committed_only=committed_only)
        reading.high = log.end_offset
        if next_offset > reading.next:
            reading.next = reading.position = next_offset
        messages = [of_record(record) for record in records]
        if len(messages) < limit:
            messages += self._end_event(reading)
        return messages

    def _check_start(self, reading: _Reading) -> list[Message]:
        assert reading.next is not None
        if reading.log.start_offset <= reading.next <= reading.log.end_offset:
            return []
        reason = (
            "fetch failed due to requested offset not available on the broker: "
            "Broker: Offset out of range (broker 1)"
        )
        return self._reset(reading, reading.next, reason)

    def _end_event(self, reading: _Reading) -> list[Message]:
        end = reading.log.end(committed_only=self._settings.committed_only)
        at_end = reading.next == end and reading.told_end != end
        if not (self._settings.reports_end and at_end):
            return []
        reading.told_end = end
        reason = f"Fetch from broker 1 reached end of partition at offset {end}"
        return [_event(kafka_error(codes.PARTITION_EOF, reason), reading.log, end)]

    def _reset(self, reading: _Reading, offset: int, reason: str) -> list[Message]:
        reading.next = None
        if self._settings.reset == "error":
            reading.broken = True
            error = kafka_error(codes.AUTO_OFFSET_RESET, reason)
            return [_event(error, reading.log, offset)]
        earliest = self._settings.reset == "earliest"
        reading.next = self._logical(reading.log, OFFSET_BEGINNING if earliest else OFFSET_END)
        return []

    def _existing(self, partition: TopicPartition) -> PartitionLog:
        try:
            return self._broker.topics.log(*_key(partition))
        except Refused:
            what = f"assign {partition.topic} [{partition.partition}], which is not there"
            raise NotImplementedError(f"{what}: librdkafka waits for it") from None

    def _logical(self, log: PartitionLog, offset: int) -> int:
        if offset >= 0:
            return offset
        if offset == OFFSET_BEGINNING:
            return log.start_offset
        if offset == OFFSET_END:
            return log.end(committed_only=self._settings.committed_only)
        raise NotImplementedError(f"the fake cluster has no start at the logical offset {offset}")


def _key(partition: TopicPartition) -> Partition:
    return partition.topic, partition.partition


def _event(error: KafkaError, log: PartitionLog, offset: int) -> Message:
    return of_event(error, log.topic, log.partition, offset)

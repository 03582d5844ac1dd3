"""What must be known of a partition before its first record runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from confluent_kafka import KafkaException, TopicPartition

from isthmus.kafka import done_map
from isthmus.kafka.clients import Consumer, Message
from isthmus.kafka.done_map import Progress
from isthmus.kafka.parked import Parked
from isthmus.kafka.positions import PositionLog
from isthmus.kafka.questions import Question
from isthmus.kafka.reader import Reader, Reading

OFFSET_UNKNOWN: Final = -1001
COMMITTED_TIMEOUT_S: Final = 0.3


@dataclass(slots=True)
class Start:
    """Where one partition of the lane, source or retry, goes on.

    :param committed: what the group says; none until it was asked.
    :param progress: none until it is known.
    """

    place: TopicPartition
    committed: TopicPartition | None = None
    progress: Progress | None = None
    _first: Question | None = field(default=None, repr=False)

    def decide(self, kept: Progress | None, table_reader: Reader) -> bool:
        """Go on from what the lane wrote itself, unless somebody reset the group.

        A commit that is not ours is a reset: tools write no done-map. Where nothing was written
        and nothing committed, the log begins; where the group did not answer, nobody knows.
        """
        if self.progress is not None:
            return True
        committed = self.committed
        if committed is None:
            self.progress = kept
            return kept is not None
        is_committed = committed.offset != OFFSET_UNKNOWN
        if is_committed and not (kept and done_map.is_ours(committed.metadata)):
            self.progress = done_map.decode(committed.offset, committed.metadata)
        elif kept is not None:
            self.progress = kept
        else:
            self._begin_at_first(table_reader)
        return self.progress is not None

    def _begin_at_first(self, table_reader: Reader) -> None:
        if self._first is None:
            self._first = table_reader.ask_first(self.place.topic, self.place.partition)
        if (offset := self._first.answer()) is not None:
            self.progress = Progress(offset=offset)


@dataclass(slots=True)
class Restore:
    """One partition on its way to becoming a lane.

    :param extra: further readings that must have caught up: held keys, local tables.
    """

    partition: int
    consumer: Consumer
    source: Start
    retry: Start
    positions: PositionLog
    began_at: float
    extra: Sequence[Callable[[], Reading]]
    parked: Parked = field(default_factory=Parked)
    readings: list[Reading] = field(default_factory=list)
    complained: bool = False

    def advance(self, table_reader: Reader, *, is_late: bool) -> bool:
        """Take one step; tell whether the partition is ready.

        The group is asked first: its answer waits for a transaction that the last owner left
        open, so that all it wrote stands before the ends that are read to.

        :param is_late: whether every transaction of a former owner has run out. A group that has
            no answer then has lost track of one (docs/adr/0011), and is no longer waited for.
        """
        if self.waits_for_the_group:
            self._ask_group()
        if self.waits_for_the_group and not is_late:
            return False
        if not self.positions.advance(table_reader):
            return False
        kept = self.positions
        if not self.source.decide(kept.source, table_reader) or not self.retry.decide(
            kept.retry, table_reader
        ):
            return False
        assert self.retry.progress is not None
        if not self.readings:
            self.readings = [self._count_parked(table_reader, self.retry.progress)]
            self.readings += [begin() for begin in self.extra]
        return all(reading.is_caught_up for reading in self.readings)

    @property
    def waits_for_the_group(self) -> bool:
        """Tell whether the group has not answered yet; each question may take a while."""
        return self.source.committed is None or self.retry.committed is None

    @property
    def counted_to(self) -> int:
        """Return the end of the retry partition as it was counted."""
        return self.readings[0].position

    def cancel(self, table_reader: Reader) -> None:
        """Stop reading: the partition was taken away."""
        self.positions.cancel(table_reader)
        for reading in self.readings:
            table_reader.drop(reading)

    def _ask_group(self) -> None:
        starts = (self.source, self.retry)
        try:
            answers = self.consumer.committed([one.place for one in starts], COMMITTED_TIMEOUT_S)
        except KafkaException:
            return
        if any(answer.error is not None for answer in answers):
            return
        for start, answer in zip(starts, answers, strict=True):
            start.committed = answer

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

"""Committed positions that can be trusted: an answer counts only if a write of ours stands in it.

A group coordinator that loses and regains its partition while it loads serves the state of half a
log: positions from the past, without an error (Kafka 4.3; after one restart of a single broker
positions were back by two thirds, and what lay behind them would have run again). It applies its
log in order. So an owner commits a word of its own first, and takes the answer in which it finds
it: whatever was committed before stands in that answer as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from confluent_kafka import TopicPartition

from isthmus.kafka.clients import Consumer


@dataclass(frozen=True, slots=True)
class Beacon:
    """Where the owner of a lane writes that word: as the position of its held keys.

    Nobody resumes from that position, and nobody but the owner of the lane commits it.

    :param topic: of the lane's held keys.
    :param offset: the end of them, so that tools see no lag there.
    """

    consumer: Consumer
    topic: str
    partition: int
    offset: int

    def committed(
        self, places: Sequence[TopicPartition], timeout_s: float
    ) -> list[TopicPartition] | None:
        """Return the committed positions; none if the answer may be of the past: ask again.

        :raises KafkaException: there was no answer in time, or a transaction is still open.
        """
        word = uuid4().hex
        ours = TopicPartition(self.topic, self.partition, self.offset, word)
        self.consumer.commit(offsets=[ours], asynchronous=True)
        *found, seen = self.consumer.committed(
            [*places, TopicPartition(self.topic, self.partition)], timeout_s
        )
        if seen.error is not None or seen.metadata != word:
            return None
        return found

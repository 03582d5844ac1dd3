"""Makes durable what lanes have become: all of it in one transaction, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Final
from uuid import uuid4

from confluent_kafka import TopicPartition

from isthmus.kafka import done_map
from isthmus.kafka.clients import Consumer
from isthmus.kafka.lane import Lane
from isthmus.kafka.observer import Observer
from isthmus.kafka.reader import Reader
from isthmus.kafka.transactions import NotCommitted, Offsets, Transactions
from isthmus.ops.clock import Clock

LOOK_UP_S: Final = 30.0
TURN_S: Final = 0.005


class Commits:
    """Writes the outputs, parked and dead records, held keys and positions of lanes."""

    def __init__(
        self,
        *,
        consumer: Consumer,
        reader: Reader,
        transactions: Transactions,
        clock: Clock,
        observer: Observer,
    ) -> None:
        self._consumer = consumer
        self._reader = reader
        self._transactions = transactions
        self._clock = clock
        self._observer = observer
        self._tokens = (f"{uuid4().hex[:12]}.{number}" for number in count(1))

    def open(self) -> None:
        """Fence the slot's former self.

        :raises Fenced: somebody else took the slot.
        """
        self._transactions.open()

    def close(self) -> None:
        """Write nothing more."""
        self._transactions.close()

    def commit(self, lanes: Sequence[Lane]) -> None:
        """Make durable what these lanes have become; without lanes, nothing.

        :raises Fenced: this process no longer owns them.
        :raises NotCommitted: nothing was written, in several attempts.
        """
        if not lanes:
            return
        token = next(self._tokens)
        positions: list[TopicPartition] = []
        writes = [write for lane in lanes for write in lane.writes]
        for lane in lanes:
            source, retry = (
                done_map.position(topic, lane.partition, progress)
                for topic, progress in lane.progress(token).items()
            )
            positions += (source, retry)
            writes.append(lane.positions.write(source, retry))
        began = self._clock.monotonic()
        self._transactions.commit(
            writes,
            offsets=Offsets(positions, self._consumer.consumer_group_metadata),
            was_committed=lambda: self._was_committed(lanes[0], token),
        )
        for lane in lanes:
            lane.committed()
        self._observer.committed(lanes, positions, self._clock.monotonic() - began)
        self._observer.replaced_producers(self._transactions.replaced)

    def _was_committed(self, lane: Lane, token: str) -> bool:
        """Look up how a transaction ended: its token stands in the last position, or not."""
        last = lane.positions.unread()
        deadline = self._clock.monotonic() + LOOK_UP_S
        while not last.advance(self._reader):
            if self._clock.monotonic() > deadline:
                raise NotCommitted(f"{last.topic} could not be read: is Kafka reachable?")
            if not self._reader.poll():
                self._clock.sleep(self._clock.factor * TURN_S)
        return last.source is not None and last.source.token == token

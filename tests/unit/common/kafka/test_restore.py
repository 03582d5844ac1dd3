from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
import pytest
from confluent_kafka import TopicPartition

from isthmus.kafka import done_map
from isthmus.kafka.clients import Producer
from isthmus.kafka.done_map import Progress
from isthmus.kafka.positions import TAIL, PositionLog
from isthmus.kafka.reader import Reader
from isthmus.kafka.restore import Restore, Start
from isthmus.messages.control import Position
from isthmus.testing.clock import VirtualClock
from isthmus.testing.cluster import FakeCluster

FACTS, RETRY, POSITIONS = "facts", "facts.mapper.retry", "facts.mapper.positions"
GROUP = {"group.id": "mapper", "enable.auto.commit": False, "auto.offset.reset": "error"}
TURNS = 50

OLD = Progress(offset=11, token="old")
NEW = Progress(offset=17, done=frozenset({19}), token="new")


def encode(_topic: str, value: Any) -> bytes:
    return msgspec.json.encode(value)


def decode(_topic: str, value: bytes) -> Position:
    return msgspec.json.decode(value, type=Position)


class Lane:
    """One lane's topics, and what its former owners left there."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.cluster = FakeCluster(clock=self.clock)
        for topic in (FACTS, RETRY, POSITIONS):
            self.cluster.create_topic(topic, 1)
        self.consumer = self.cluster.consumer(GROUP)
        self.reader = Reader(
            self.cluster.consumer(GROUP | {"enable.partition.eof": True}),
            lambda: self.cluster.admin({}),
        )

    def begin(self) -> Producer:
        producer = self.cluster.producer({"transactional.id": "slot"})
        producer.init_transactions(1)
        producer.begin_transaction()
        return producer

    def write(self, producer: Producer, progress: Progress) -> None:
        write = self.log().write(
            done_map.position(FACTS, 0, progress), done_map.position(RETRY, 0, Progress(offset=0))
        )
        producer.produce(write.topic, write.value, write.key, partition=0)

    def commit(self, progress: Progress, *, metadata: str | None = None) -> None:
        """Move the group's position, as the coordinator will tell it."""
        text = done_map.encode(progress) if metadata is None else metadata
        retry = TopicPartition(RETRY, 0, 0, done_map.encode(Progress(offset=0)))
        producer = self.begin()
        producer.send_offsets_to_transaction(
            [TopicPartition(FACTS, 0, progress.offset, text), retry],
            self.consumer.consumer_group_metadata(),
            1,
        )
        producer.commit_transaction(1)

    def keep(self, progress: Progress) -> None:
        producer = self.begin()
        self.write(producer, progress)
        producer.commit_transaction(1)

    def log(self) -> PositionLog:
        return PositionLog(POSITIONS, 0, encode, decode)

    def restore(self) -> Restore:
        return Restore(
            partition=0,
            consumer=self.consumer,
            source=Start(TopicPartition(FACTS, 0)),
            retry=Start(TopicPartition(RETRY, 0)),
            positions=self.log(),
            began_at=0,
            extra=[],
        )

    def turn(self, advance: Callable[[Reader], bool]) -> bool:
        for _ in range(TURNS):
            self.reader.poll()
            if advance(self.reader):
                return True
            self.clock.advance(0.05)
        return False

    def resumes_at(self) -> Progress | None:
        restore = self.restore()
        assert self.turn(partial(restore.advance, is_late=False))
        return restore.source.progress


@pytest.fixture
def lane() -> Lane:
    return Lane()


class TestRestore:
    def test_begins_where_the_log_begins(self, lane: Lane) -> None:
        for number in range(8):
            lane.cluster.append(FACTS, value=str(number).encode())
        lane.cluster.drop_before(FACTS, 0, 5)

        assert lane.resumes_at() == Progress(offset=5)

    def test_goes_on_from_what_the_lane_wrote_itself(self, lane: Lane) -> None:
        lane.keep(NEW)
        lane.commit(NEW)

        assert lane.resumes_at() == NEW

    def test_is_not_deceived_by_a_coordinator_that_answers_from_the_past(self, lane: Lane) -> None:
        lane.keep(NEW)
        lane.commit(OLD)

        assert lane.resumes_at() == NEW

    def test_is_not_deceived_by_a_coordinator_that_knows_nothing(self, lane: Lane) -> None:
        lane.keep(NEW)

        assert lane.resumes_at() == NEW

    def test_goes_where_an_operator_reset_the_group(self, lane: Lane) -> None:
        lane.keep(NEW)
        lane.commit(Progress(offset=3), metadata="")

        assert lane.resumes_at() == Progress(offset=3)

    def test_goes_on_from_the_group_where_the_lane_wrote_nothing_yet(self, lane: Lane) -> None:
        lane.commit(OLD)

        assert lane.resumes_at() == OLD

    def test_waits_for_a_transaction_that_the_last_owner_left_open(self, lane: Lane) -> None:
        lane.keep(OLD)
        lane.commit(OLD)
        open_one = lane.begin()
        lane.write(open_one, NEW)
        restore = lane.restore()

        waits = not lane.turn(partial(restore.advance, is_late=False))
        open_one.commit_transaction(1)

        assert waits
        assert lane.turn(partial(restore.advance, is_late=False))
        assert restore.source.progress == NEW

    def test_waits_no_longer_for_a_group_that_lost_track_of_a_transaction(self, lane: Lane) -> None:
        lane.keep(NEW)
        lane.begin().send_offsets_to_transaction(
            [TopicPartition(FACTS, 0, 3)], lane.consumer.consumer_group_metadata(), 1
        )
        restore = lane.restore()

        waits = not lane.turn(partial(restore.advance, is_late=False))

        assert waits
        assert lane.turn(partial(restore.advance, is_late=True))
        assert restore.source.progress == NEW

    def test_waits_for_the_group_where_nothing_else_is_known(self, lane: Lane) -> None:
        lane.begin().send_offsets_to_transaction(
            [TopicPartition(FACTS, 0, 3)], lane.consumer.consumer_group_metadata(), 1
        )

        assert not lane.turn(partial(lane.restore().advance, is_late=True))


class TestPositionLog:
    def test_tells_the_last_of_many(self, lane: Lane) -> None:
        for offset in range(TAIL):
            lane.cluster.append(POSITIONS, value=encode("", _position(offset)))
        log = lane.log()

        assert lane.turn(log.advance)
        assert log.source == Progress(offset=TAIL - 1)

    def test_looks_further_back_than_a_tail_of_aborted_ones(self, lane: Lane) -> None:
        lane.keep(OLD)
        for _ in range(TAIL):
            producer = lane.begin()
            lane.write(producer, NEW)
            producer.abort_transaction(1)
        log = lane.log()

        assert lane.turn(log.advance)
        assert log.source == OLD

    def test_tells_of_a_lane_that_nobody_owned_yet(self, lane: Lane) -> None:
        log = lane.log()

        assert lane.turn(log.advance)
        assert log.source is None


def _position(offset: int) -> Position:
    return Position(source_offset=offset, source_progress="", retry_offset=0, retry_progress="")

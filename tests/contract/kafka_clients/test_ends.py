from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest
from confluent_kafka import IsolationLevel, KafkaException, TopicPartition
from confluent_kafka.admin import OffsetSpec  # type: ignore[attr-defined]  # exported silently

from isthmus.kafka.clients import Producer

from .errors import Raised, described, raised_by
from .member import Member
from .records import abort, fill
from .subject import Subject, admin, consumer, idle, producer, until

Asked = Callable[[Subject], Any]


def reader_with_ends(subject: Subject, topic: str) -> Member:
    """Return a reader that is told of the end of the partition."""
    return Member(consumer(subject, enable_partition_eof=True)).read(TopicPartition(topic, 0, 0))


def ends(member: Member) -> list[int | None]:
    """Return the offsets of the ends that the reader was told of."""
    return [offset for _, offset in member.events_named("_PARTITION_EOF")]


def open_record(subject: Subject, topic: str) -> Producer:
    """Return a producer with one record in an open transaction."""
    writer = producer(subject)
    writer.begin_transaction()
    writer.produce(topic, b"open", partition=0)
    writer.flush()
    return writer


def latest(subject: Subject, *asked: TopicPartition) -> list[int | Raised]:
    """Return the ends of partitions, or why there is none."""
    asking = admin(subject)
    spec = OffsetSpec.latest()  # type: ignore[no-untyped-call]
    answers = asking.list_offsets(
        dict.fromkeys(asked, spec),
        isolation_level=IsolationLevel.READ_UNCOMMITTED,
        request_timeout=10,
    )
    return [_outcome(answers[partition]) for partition in asked]


def _outcome(answer: Future[Any]) -> int | Raised:
    error = answer.exception(10)
    if isinstance(error, KafkaException):
        return described(error.args[0])
    offset: int = answer.result(10).offset
    return offset


class TestTheEndEvent:
    def test_comes_at_an_empty_partition(self, subject: Subject) -> None:
        reader = reader_with_ends(subject, subject.create_topic())

        until(subject, lambda: ends(reader) == [0], reader)

    def test_comes_after_the_last_record_and_not_again(self, subject: Subject) -> None:
        topic = subject.create_topic()
        fill(subject, topic, b"a")
        reader = reader_with_ends(subject, topic)

        until(subject, lambda: bool(ends(reader)), reader)
        idle(subject, 0.3, reader)

        assert reader.values == [b"a"]
        assert ends(reader) == [2]

    def test_comes_again_when_the_stable_end_has_moved(self, subject: Subject) -> None:
        topic = subject.create_topic()
        reader = reader_with_ends(subject, topic)
        until(subject, lambda: ends(reader) == [0], reader)

        fill(subject, topic, b"a")
        until(subject, lambda: ends(reader) == [0, 2], reader)
        abort(subject, topic)
        until(subject, lambda: ends(reader) == [0, 2, 4], reader)

    def test_stands_before_an_open_transaction(self, subject: Subject) -> None:
        topic = subject.create_topic()
        fill(subject, topic, b"a")
        writer = open_record(subject, topic)
        reader = reader_with_ends(subject, topic)

        until(subject, lambda: bool(ends(reader)), reader)
        assert ends(reader) == [2]
        writer.commit_transaction()
        until(subject, lambda: len(ends(reader)) == 2, reader)

        assert ends(reader) == [2, 4]
        assert reader.values == [b"a", b"open"]

    def test_comes_again_after_a_seek(self, subject: Subject) -> None:
        topic = subject.create_topic()
        reader = reader_with_ends(subject, topic)
        until(subject, lambda: ends(reader) == [0], reader)

        reader.consumer.seek(TopicPartition(topic, 0, 0))

        until(subject, lambda: ends(reader) == [0, 0], reader)

    def test_comes_again_after_pause_and_resume(self, subject: Subject) -> None:
        topic = subject.create_topic()
        where = TopicPartition(topic, 0)
        reader = reader_with_ends(subject, topic)
        until(subject, lambda: ends(reader) == [0], reader)

        reader.consumer.pause([where])
        idle(subject, 0.3, reader)
        reader.consumer.resume([where])

        until(subject, lambda: ends(reader) == [0, 0], reader)

    def test_does_not_come_unless_asked_for(self, subject: Subject) -> None:
        topic = subject.create_topic()
        reader = Member(consumer(subject)).read(TopicPartition(topic, 0, 0))

        idle(subject, 0.4, reader)

        assert reader.events == []


class TestWatermarks:
    def test_end_at_the_last_stable_offset(self, subject: Subject) -> None:
        topic = subject.create_topic()
        where = TopicPartition(topic, 0)
        fill(subject, topic, b"a")
        open_record(subject, topic)

        stable = consumer(subject).get_watermark_offsets(where, 10)
        all_of_it = consumer(subject, isolation_level="read_uncommitted")

        assert stable == (0, 2)
        assert all_of_it.get_watermark_offsets(where, 10) == (0, 3)

    def test_end_at_the_last_offset_seen_if_cached(self, subject: Subject) -> None:
        topic = subject.create_topic()
        where = TopicPartition(topic, 0, 0)
        fill(subject, topic, b"a")
        open_record(subject, topic)
        reader = Member(consumer(subject))
        assert reader.consumer.get_watermark_offsets(where, cached=True) == (-1001, -1001)

        reader.read(where)
        until(subject, lambda: reader.values == [b"a"], reader)

        assert reader.consumer.get_watermark_offsets(where, cached=True) == (0, 3)

    def test_begin_where_the_log_has_been_cut(self, subject: Subject) -> None:
        topic = subject.create_topic()
        fill(subject, topic, b"a", b"b")
        subject.drop_before(topic, 0, 2)

        assert consumer(subject).get_watermark_offsets(TopicPartition(topic, 0), 10) == (2, 4)

    def test_of_an_unknown_partition_are_an_error(self, subject: Subject) -> None:
        topic = subject.create_topic(1)
        asking = consumer(subject)

        refused = raised_by(lambda: asking.get_watermark_offsets(TopicPartition(topic, 7), 10))

        assert refused == Raised("_UNKNOWN_PARTITION")


class TestListOffsets:
    @pytest.mark.parametrize(
        ("level", "end"),
        [(IsolationLevel.READ_UNCOMMITTED, 3), (IsolationLevel.READ_COMMITTED, 2)],
    )
    def test_gives_the_end_of_the_isolation_level(
        self, subject: Subject, level: IsolationLevel, end: int
    ) -> None:
        topic = subject.create_topic(2)
        fill(subject, topic, b"a")
        open_record(subject, topic)
        asking = admin(subject)

        latest = OffsetSpec.latest()  # type: ignore[no-untyped-call]
        asked = {TopicPartition(topic, number): latest for number in range(2)}
        answers = asking.list_offsets(asked, isolation_level=level, request_timeout=10)

        assert {each.partition: future.result(10).offset for each, future in answers.items()} == {
            0: end,
            1: 0,
        }

    def test_gives_the_beginning(self, subject: Subject) -> None:
        topic = subject.create_topic()
        fill(subject, topic, b"a", b"b")
        subject.drop_before(topic, 0, 2)
        asking = admin(subject)

        earliest = OffsetSpec.earliest()  # type: ignore[no-untyped-call]
        level = IsolationLevel.READ_UNCOMMITTED
        answers = asking.list_offsets(
            {TopicPartition(topic, 0): earliest}, isolation_level=level, request_timeout=10
        )

        assert [future.result(10).offset for future in answers.values()] == [2]

    def test_fails_for_the_unknown_alone(self, subject: Subject) -> None:
        topic, missing = subject.create_topic(1), subject.name("missing")

        found = latest(subject, TopicPartition(topic, 0), TopicPartition(missing, 0))

        assert found == [0, Raised("UNKNOWN_TOPIC_OR_PART")]
        found = latest(subject, TopicPartition(topic, 0), TopicPartition(topic, 7))
        assert found == [0, Raised("_UNKNOWN_PARTITION")]

    def test_fails_otherwise_if_nothing_is_known(self, subject: Subject) -> None:
        topic, missing = subject.create_topic(1), subject.name("missing")

        found = latest(subject, TopicPartition(missing, 0), TopicPartition(topic, 7))

        assert found == [Raised("_NOENT"), Raised("_NOENT")]


@pytest.mark.parametrize("asked", [admin, consumer], ids=["admin", "consumer"])
class TestListTopics:
    def test_gives_partitions_by_number(self, subject: Subject, asked: Asked) -> None:
        topic = subject.create_topic(3)

        found = asked(subject).list_topics(timeout=10)

        assert sorted(found.topics[topic].partitions) == [0, 1, 2]
        assert found.topics[topic].error is None

    def test_gives_one_topic_if_asked(self, subject: Subject, asked: Asked) -> None:
        topic = subject.create_topic(1)
        subject.create_topic(1)

        assert list(asked(subject).list_topics(topic, timeout=10).topics) == [topic]

    def test_gives_an_error_for_an_unknown_topic(self, subject: Subject, asked: Asked) -> None:
        missing = subject.name("missing")

        found = asked(subject).list_topics(missing, timeout=10)

        assert found.topics[missing].error.name() == "UNKNOWN_TOPIC_OR_PART"
        assert found.topics[missing].partitions == {}

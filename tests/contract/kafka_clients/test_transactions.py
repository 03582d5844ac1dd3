from __future__ import annotations

from confluent_kafka import TopicPartition

from .errors import Raised, raised_by
from .logs import end, offsets, visible
from .member import Member
from .subject import Subject, consumer, idle_producer, plain_producer, producer, until


class TestATransaction:
    def test_shows_its_records_after_the_commit_and_ends_with_a_marker(
        self, subject: Subject
    ) -> None:
        topic = subject.create_topic()
        writer = producer(subject)

        writer.begin_transaction()
        writer.produce(topic, b"a", partition=0)
        writer.produce(topic, b"b", partition=0)
        writer.commit_transaction()

        assert visible(subject, topic) == [b"a", b"b"]
        assert end(subject, topic) == 3

    def test_hides_open_records_and_all_that_lies_behind_them(self, subject: Subject) -> None:
        topic = subject.create_topic()
        open_writer, other = producer(subject), plain_producer(subject)
        open_writer.begin_transaction()
        open_writer.produce(topic, b"open", partition=0)
        open_writer.flush()

        other.produce(topic, b"later", partition=0)
        other.flush()

        assert visible(subject, topic) == []
        assert visible(subject, topic, committed_only=False) == [b"open", b"later"]
        assert end(subject, topic) == 2
        assert end(subject, topic, committed_only=True) == 0

    def test_hides_aborted_records_for_ever_and_leaves_a_gap(self, subject: Subject) -> None:
        topic = subject.create_topic()
        writer = producer(subject)
        writer.begin_transaction()
        writer.produce(topic, b"aborted", partition=0)
        writer.flush()
        writer.abort_transaction()

        writer.begin_transaction()
        writer.produce(topic, b"good", partition=0)
        writer.commit_transaction()

        reader = Member(consumer(subject)).read(TopicPartition(topic, 0, 0))
        until(subject, lambda: bool(reader.records), reader)
        assert reader.values == [b"good"]
        assert offsets(reader) == [2]
        assert end(subject, topic) == 4

    def test_without_records_leaves_no_trace(self, subject: Subject) -> None:
        topic = subject.create_topic()
        writer = producer(subject)

        writer.begin_transaction()
        writer.commit_transaction()
        writer.begin_transaction()
        writer.abort_transaction()

        assert end(subject, topic) == 0

    def test_ends_in_every_partition_it_wrote_to(self, subject: Subject) -> None:
        topic = subject.create_topic(3)
        writer = producer(subject)

        writer.begin_transaction()
        writer.produce(topic, b"a", partition=0)
        writer.produce(topic, b"b", partition=2)
        writer.commit_transaction()

        assert [end(subject, topic, number) for number in range(3)] == [2, 0, 2]

    def test_can_follow_an_aborted_one_on_the_same_producer(self, subject: Subject) -> None:
        topic = subject.create_topic()
        writer = producer(subject)

        for number in range(4):
            writer.begin_transaction()
            writer.produce(topic, str(number).encode(), partition=0)
            writer.flush()
            finish = writer.commit_transaction if number % 2 else writer.abort_transaction
            finish()

        assert visible(subject, topic) == [b"1", b"3"]


class TestAProducerOutOfTurn:
    def test_refuses_everything_before_init(self, subject: Subject) -> None:
        topic = subject.create_topic()
        writer = idle_producer(subject)

        assert raised_by(writer.begin_transaction) == Raised("_STATE")
        assert raised_by(lambda: writer.produce(topic, b"a", partition=0)) == Raised("_STATE")

    def test_refuses_to_produce_or_end_outside_of_a_transaction(self, subject: Subject) -> None:
        topic = subject.create_topic()
        writer = producer(subject)

        assert raised_by(lambda: writer.produce(topic, b"a", partition=0)) == Raised("_STATE")
        assert raised_by(writer.commit_transaction) == Raised("_STATE")
        assert raised_by(writer.abort_transaction) == Raised("_STATE")

    def test_refuses_to_begin_twice_and_to_commit_twice(self, subject: Subject) -> None:
        writer = producer(subject)
        writer.begin_transaction()

        assert raised_by(writer.begin_transaction) == Raised("_STATE")
        writer.commit_transaction()
        assert raised_by(writer.commit_transaction) == Raised("_STATE")

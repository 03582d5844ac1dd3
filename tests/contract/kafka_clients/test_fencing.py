from __future__ import annotations

from typing import Any

from confluent_kafka import KafkaError, TopicPartition

from isthmus.kafka.clients import Producer

from .errors import Raised, abortable, fatal, fatal_error_of, raised_by
from .logs import end, visible
from .subject import Subject, consumer, producer


def two_of_one_id(subject: Subject, topic: str) -> Producer:
    """Return a producer with an open transaction that a successor has fenced."""
    transactional_id = subject.name("txn")
    first = producer(subject, transactional_id=transactional_id)
    first.begin_transaction()
    first.produce(topic, b"open", partition=0)
    first.flush()
    producer(subject, transactional_id=transactional_id)
    return first


class TestASuccessor:
    def test_aborts_what_its_predecessor_had_open(self, subject: Subject) -> None:
        topic = subject.create_topic()

        two_of_one_id(subject, topic)

        assert visible(subject, topic) == []
        assert end(subject, topic, committed_only=True) == end(subject, topic) == 2

    def test_ends_the_predecessor_at_its_commit(self, subject: Subject) -> None:
        fenced = two_of_one_id(subject, subject.create_topic())

        assert raised_by(fenced.commit_transaction) == fatal("_FENCED")

    def test_ends_the_predecessor_at_its_abort(self, subject: Subject) -> None:
        fenced = two_of_one_id(subject, subject.create_topic())

        assert raised_by(fenced.abort_transaction) == fatal("_FENCED")

    def test_ends_the_predecessor_when_it_sends_offsets(self, subject: Subject) -> None:
        topic = subject.create_topic()
        fenced = two_of_one_id(subject, topic)
        group = consumer(subject).consumer_group_metadata()
        position = TopicPartition(topic, 0, 1)

        raised = raised_by(lambda: fenced.send_offsets_to_transaction([position], group))

        assert raised == fatal("_FENCED")

    def test_is_not_noticed_by_an_empty_commit_but_by_the_next_record(
        self, subject: Subject
    ) -> None:
        topic = subject.create_topic()
        transactional_id = subject.name("txn")
        first = producer(subject, transactional_id=transactional_id)
        first.begin_transaction()
        producer(subject, transactional_id=transactional_id)

        first.commit_transaction()
        first.begin_transaction()
        first.produce(topic, b"late", partition=0)

        assert raised_by(first.commit_transaction) == fatal("_FENCED")
        assert visible(subject, topic) == []

    def test_leaves_nothing_of_what_the_predecessor_produces_later(self, subject: Subject) -> None:
        topic = subject.create_topic()
        fenced = two_of_one_id(subject, topic)

        fenced.produce(topic, b"late", partition=0)
        fatal_error_of(lambda: fenced.flush(5))

        assert visible(subject, topic, committed_only=False) == [b"open"]


class TestAFencedProducer:
    def test_refuses_every_call(self, subject: Subject) -> None:
        topic = subject.create_topic()
        fenced = two_of_one_id(subject, topic)
        raised_by(fenced.commit_transaction)
        group = consumer(subject).consumer_group_metadata()

        assert raised_by(fenced.begin_transaction) == fatal("_FENCED")
        assert raised_by(fenced.commit_transaction) == fatal("_FENCED")
        assert raised_by(fenced.abort_transaction) == fatal("_FENCED")
        assert raised_by(fenced.init_transactions) == fatal("_FENCED")
        assert raised_by(lambda: fenced.produce(topic, b"a", partition=0)) == Raised("_FATAL")
        position = TopicPartition(topic, 0, 1)
        sending = raised_by(lambda: fenced.send_offsets_to_transaction([position], group))
        assert sending == fatal("_FENCED")

    def test_says_so_once_when_it_is_polled(self, subject: Subject) -> None:
        fenced = two_of_one_id(subject, subject.create_topic())
        raised_by(fenced.commit_transaction)

        assert fatal_error_of(lambda: fenced.poll(1)) == fatal("_FENCED")
        assert fatal_error_of(lambda: fenced.poll(0.1)) is None

    def test_says_so_in_flush_even_if_a_delivery_callback_waits(self, subject: Subject) -> None:
        topic = subject.create_topic()
        fenced = two_of_one_id(subject, topic)

        fenced.produce(topic, b"late", partition=0, on_delivery=_look_at)

        assert fatal_error_of(lambda: fenced.flush(5)) == fatal("_FENCED")


class TestARefusedOffset:
    def test_ends_the_transaction_but_not_the_producer(self, subject: Subject) -> None:
        topic = subject.create_topic()
        writer = producer(subject)
        group = consumer(subject).consumer_group_metadata()
        too_long = TopicPartition(topic, 0, 1, "m" * 4096)
        writer.begin_transaction()
        writer.produce(topic, b"a", partition=0)

        refused = raised_by(lambda: writer.send_offsets_to_transaction([too_long], group))

        assert refused == abortable("OFFSET_METADATA_TOO_LARGE")
        assert raised_by(writer.commit_transaction) == refused
        assert raised_by(writer.begin_transaction) == refused
        writer.abort_transaction()
        writer.begin_transaction()
        writer.produce(topic, b"b", partition=0)
        writer.commit_transaction()
        assert visible(subject, topic) == [b"b"]


def _look_at(error: KafkaError | None, message: Any) -> None:
    """Take a report as most callbacks do: by calling its methods."""
    message.topic()

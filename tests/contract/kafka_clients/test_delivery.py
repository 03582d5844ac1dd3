from __future__ import annotations

from typing import Any

import pytest
from confluent_kafka import KafkaError, TopicPartition

from isthmus.kafka.clients import Producer

from .errors import Raised, abortable, fatal, raised_by
from .logs import end, visible
from .member import Member
from .subject import Subject, consumer, idle_producer, plain_producer, producer, until

Reports = list[tuple[str | None, int | None]]


class Postbox:
    """Takes delivery reports."""

    def __init__(self) -> None:
        self.reports: Reports = []

    def __call__(self, error: KafkaError | None, message: Any) -> None:
        self.reports.append((error.name() if error else None, message.offset()))


def refused_by_the_broker(subject: Subject) -> tuple[Producer, str]:
    """Return a producer whose record the broker has refused, and the topic."""
    topic = subject.create_topic(max_message_bytes=2000)
    writer = producer(subject)
    writer.begin_transaction()
    writer.produce(topic, b"x" * 3000, partition=0)
    writer.flush()
    return writer, topic


class TestADeliveryReport:
    def test_comes_when_the_producer_is_polled(self, subject: Subject) -> None:
        topic = subject.create_topic()
        writer, postbox = plain_producer(subject), Postbox()

        writer.produce(topic, b"a", partition=0, on_delivery=postbox)
        assert postbox.reports == []
        until(subject, lambda: bool(writer.poll(0.1)))

        assert postbox.reports == [(None, 0)]

    def test_comes_with_a_flush(self, subject: Subject) -> None:
        topic = subject.create_topic()
        writer, postbox = plain_producer(subject), Postbox()

        writer.produce(topic, b"a", partition=0, on_delivery=postbox)

        assert writer.flush(10) == 0
        assert postbox.reports == [(None, 0)]

    def test_comes_with_the_commit(self, subject: Subject) -> None:
        topic = subject.create_topic()
        writer, postbox = producer(subject), Postbox()
        writer.begin_transaction()
        writer.produce(topic, b"a", partition=0, on_delivery=postbox)
        writer.produce(topic, b"b", partition=0, on_delivery=postbox)

        writer.commit_transaction()

        assert postbox.reports == [(None, 0), (None, 1)]

    def test_names_a_partition_that_is_not_there(self, subject: Subject) -> None:
        topic = subject.create_topic()
        writer, postbox = plain_producer(subject), Postbox()

        writer.produce(topic, b"a", partition=7, on_delivery=postbox)
        until(subject, lambda: bool(writer.poll(0.1) or postbox.reports))

        assert postbox.reports == [("_UNKNOWN_PARTITION", None)]


class TestAFullQueue:
    def test_refuses_until_reports_are_polled(self, subject: Subject) -> None:
        topic = subject.create_topic()
        writer = producer(subject, queue_buffering_max_messages=2)
        writer.begin_transaction()
        writer.produce(topic, b"a", partition=0)
        writer.produce(topic, b"b", partition=0)

        with pytest.raises(BufferError):
            writer.produce(topic, b"c", partition=0)

        until(subject, lambda: not writer.flush(1))
        writer.produce(topic, b"c", partition=0)
        writer.commit_transaction()
        assert visible(subject, topic) == [b"a", b"b", b"c"]


class TestARecordTooLarge:
    def test_is_refused_by_the_client_and_the_transaction_goes_on(self, subject: Subject) -> None:
        topic = subject.create_topic()
        writer = producer(subject, message_max_bytes=2000)
        writer.begin_transaction()

        refused = raised_by(lambda: writer.produce(topic, b"x" * 3000, partition=0))

        assert refused == Raised("MSG_SIZE_TOO_LARGE")
        writer.produce(topic, b"small", partition=0)
        writer.commit_transaction()
        assert visible(subject, topic) == [b"small"]

    @pytest.mark.parametrize("headers", [[], [("name", b"12345"), ("other", None)]])
    def test_is_measured_to_the_byte_by_the_client(
        self, subject: Subject, headers: list[tuple[str, bytes | None]]
    ) -> None:
        topic = subject.create_topic()
        writer = plain_producer(subject, message_max_bytes=1100)
        sizes = [len(name) + len(value or b"") + 2 for name, value in headers]
        room = 1100 - 36 - len(b"key") - sum(sizes)

        writer.produce(topic, b"x" * room, b"key", partition=0, headers=headers)
        refused = raised_by(
            lambda: writer.produce(topic, b"x" * (room + 1), b"key", partition=0, headers=headers)
        )

        assert refused == Raised("MSG_SIZE_TOO_LARGE")
        writer.flush()
        assert end(subject, topic) == 1

    def test_is_measured_to_the_byte_by_the_broker(self, subject: Subject) -> None:
        topic = subject.create_topic(max_message_bytes=2000)
        writer, postbox = plain_producer(subject, linger_ms=0), Postbox()
        headers: list[tuple[str, bytes | None]] = [("name", b"12345"), ("other", None)]
        room = 2000 - 61 - 2 - (1 + 1 + 1) - (1 + 3) - 2 - 1 - (1 + 4 + 1 + 5) - (1 + 5 + 1)

        for size in (room, room + 1):
            writer.produce(
                topic, b"x" * size, b"key", partition=0, on_delivery=postbox, headers=headers
            )
            writer.flush()

        assert postbox.reports == [(None, 0), ("MSG_SIZE_TOO_LARGE", None)]

    def test_ends_the_transaction_when_the_broker_refuses_it(self, subject: Subject) -> None:
        writer, topic = refused_by_the_broker(subject)
        group = consumer(subject).consumer_group_metadata()

        assert raised_by(lambda: writer.produce(topic, b"a", partition=0)) == Raised("_STATE")
        position = TopicPartition(topic, 0, 1)
        sending = raised_by(lambda: writer.send_offsets_to_transaction([position], group))
        assert sending == abortable("MSG_SIZE_TOO_LARGE")
        assert raised_by(writer.commit_transaction) == abortable("MSG_SIZE_TOO_LARGE")

    def test_spoils_the_next_transaction_of_the_same_producer(self, subject: Subject) -> None:
        writer, topic = refused_by_the_broker(subject)
        writer.abort_transaction()

        writer.begin_transaction()
        writer.produce(topic, b"small", partition=0)

        assert raised_by(writer.commit_transaction) == abortable("OUT_OF_ORDER_SEQUENCE_NUMBER")
        writer.abort_transaction()
        assert visible(subject, topic) == []

    def test_is_forgotten_by_a_new_producer_of_the_same_id(self, subject: Subject) -> None:
        topic = subject.create_topic(max_message_bytes=2000)
        transactional_id = subject.name("txn")
        spoiled = producer(subject, transactional_id=transactional_id)
        spoiled.begin_transaction()
        spoiled.produce(topic, b"x" * 3000, partition=0)
        raised_by(spoiled.commit_transaction)
        spoiled.abort_transaction()

        fresh = producer(subject, transactional_id=transactional_id)
        fresh.begin_transaction()
        fresh.produce(topic, b"small", partition=0)
        fresh.commit_transaction()

        assert visible(subject, topic) == [b"small"]


class TestACompactedTopic:
    def test_refuses_a_record_without_a_key(self, subject: Subject) -> None:
        topic = subject.create_topic(cleanup_policy="compact")
        writer, postbox = producer(subject), Postbox()
        writer.begin_transaction()

        writer.produce(topic, b"a", partition=0, on_delivery=postbox)

        assert raised_by(writer.commit_transaction) == abortable("INVALID_RECORD")
        writer.abort_transaction()
        assert postbox.reports == [("INVALID_RECORD", None)]

    def test_takes_a_tombstone(self, subject: Subject) -> None:
        topic = subject.create_topic(cleanup_policy="compact")
        writer = producer(subject)

        writer.begin_transaction()
        writer.produce(topic, None, b"key", partition=0)
        writer.commit_transaction()

        assert visible(subject, topic) == [None]


class TestARecord:
    def test_comes_back_as_it_was_sent(self, subject: Subject) -> None:
        topic = subject.create_topic()
        headers: list[tuple[str, bytes | None]] = [("a", b"1"), ("a", b"2"), ("none", None)]
        writer = plain_producer(subject)
        writer.produce(topic, b"v", b"k", 0, timestamp=1_700_000_000_123, headers=headers)
        writer.produce(topic, None, None, 0)
        writer.flush()

        reader = Member(consumer(subject)).read(TopicPartition(topic, 0, 0))
        until(subject, lambda: len(reader.records) == 2, reader)

        first, second = reader.records
        assert (first.topic(), first.partition(), first.offset()) == (topic, 0, 0)
        assert (first.key(), first.value(), first.headers()) == (b"k", b"v", headers)
        assert first.timestamp() == (1, 1_700_000_000_123)
        assert (second.key(), second.value(), second.headers()) == (None, None, None)
        assert second.timestamp()[1] > 1_700_000_000_123

    @pytest.mark.parametrize("partitioner", ["murmur2_random", "consistent_random"])
    def test_goes_to_the_partition_of_its_key(self, subject: Subject, partitioner: str) -> None:
        topic = subject.create_topic(5)
        writer = plain_producer(subject, partitioner=partitioner)
        keys = [b"acme-us/111-%d" % number for number in range(12)] + [b"k", b"\xff\x00\x80"]
        chosen: dict[bytes, int] = {}

        def remember(error: KafkaError | None, message: Any) -> None:
            chosen[message.key()] = message.partition()

        for key in keys:
            writer.produce(topic, b"v", key, on_delivery=remember)
        writer.flush()

        assert [chosen[key] for key in keys] == _EXPECTED[partitioner]


class TestInitTransactions:
    def test_is_refused_without_a_transactional_id(self, subject: Subject) -> None:
        writer = plain_producer(subject)

        assert raised_by(writer.init_transactions) == Raised("_NOT_CONFIGURED")

    def test_is_refused_the_second_time(self, subject: Subject) -> None:
        writer = producer(subject)

        assert raised_by(writer.init_transactions) == Raised("_STATE")

    def test_is_refused_for_ever_with_a_time_out_above_the_limit(self, subject: Subject) -> None:
        writer = idle_producer(subject, transaction_timeout_ms=900_001)

        refused = raised_by(lambda: writer.init_transactions(10))

        assert refused == fatal("INVALID_TRANSACTION_TIMEOUT")
        assert raised_by(writer.begin_transaction) == refused

    def test_keeps_a_commit_of_the_predecessor(self, subject: Subject) -> None:
        topic = subject.create_topic()
        transactional_id = subject.name("txn")
        first = producer(subject, transactional_id=transactional_id)
        first.begin_transaction()
        first.produce(topic, b"a", partition=0)
        first.commit_transaction()

        idle_producer(subject, transactional_id=transactional_id).init_transactions(10)

        assert visible(subject, topic) == [b"a"]


_EXPECTED = {
    "murmur2_random": [1, 0, 3, 0, 0, 1, 2, 1, 3, 1, 0, 2, 2, 3],
    "consistent_random": [0, 2, 1, 3, 3, 4, 4, 3, 3, 4, 0, 0, 1, 2],
}

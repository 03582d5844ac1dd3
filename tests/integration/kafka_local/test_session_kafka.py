from __future__ import annotations

import pytest
from confluent_kafka import Producer

from isthmus.kafka.local import KafkaCluster

from .records import create_topic, read, write


class TestSessionKafka:
    def test_keeps_what_is_written(self, kafka: KafkaCluster, unique: str) -> None:
        topic = f"orders-{unique}"
        create_topic(kafka.bootstrap_servers, topic)

        write(kafka.bootstrap_servers, topic, [b"one", b"two"])

        assert read(kafka.bootstrap_servers, topic, count=2) == [b"one", b"two"]

    def test_commits_transactions(self, kafka: KafkaCluster, unique: str) -> None:
        topic = f"orders-{unique}"
        create_topic(kafka.bootstrap_servers, topic)
        producer = Producer(
            {"bootstrap.servers": kafka.bootstrap_servers, "transactional.id": unique}
        )

        producer.init_transactions(30)
        for value, end in [(b"hidden", "abort_transaction"), (b"seen", "commit_transaction")]:
            producer.begin_transaction()
            producer.produce(topic, value)
            producer.flush(30)
            getattr(producer, end)(30)

        assert read(kafka.bootstrap_servers, topic, count=1) == [b"seen"]

    def test_lets_its_data_be_searched(self, kafka: KafkaCluster, unique: str) -> None:
        if not kafka.data_folders:
            pytest.skip("only an embedded Kafka shows its data")
        topic = f"orders-{unique}"
        create_topic(kafka.bootstrap_servers, topic)

        write(kafka.bootstrap_servers, topic, [b"needle in the segments"])

        [segment] = kafka.data_folders[0].glob(f"{topic}-0/*.log")
        assert b"needle in the segments" in segment.read_bytes()

    def test_has_a_readable_log(self, kafka: KafkaCluster) -> None:
        if kafka.mode == "address":
            pytest.skip("the log of a given Kafka is out of reach")

        assert "Kafka Server started" in kafka.log(1)

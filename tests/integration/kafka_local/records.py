"""Write records and read them back."""

from __future__ import annotations

from typing import Final

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

WAIT_S: Final = 30.0


def create_topic(bootstrap_servers: str, topic: str, *, copies: int = 1) -> None:
    admin = AdminClient({"bootstrap.servers": bootstrap_servers})
    new = NewTopic(topic, num_partitions=1, replication_factor=copies)
    admin.create_topics([new])[topic].result(WAIT_S)


def write(bootstrap_servers: str, topic: str, values: list[bytes]) -> None:
    """Write with acks=all; raise unless every record is acknowledged."""
    errors: list[object] = []
    producer = Producer(
        {"bootstrap.servers": bootstrap_servers, "enable.idempotence": True, "log_level": 0}
    )
    for value in values:
        producer.produce(topic, value, on_delivery=lambda error, _: errors.append(error))
    assert producer.flush(WAIT_S) == 0
    assert errors == [None] * len(values)


def read(bootstrap_servers: str, topic: str, *, count: int) -> list[bytes | None]:
    consumer = Consumer(
        {"bootstrap.servers": bootstrap_servers, "group.id": "reader", "log_level": 0}
    )
    try:
        consumer.assign([TopicPartition(topic, 0, 0)])
        return [message.value() for message in consumer.consume(count, timeout=WAIT_S)]
    finally:
        consumer.close()

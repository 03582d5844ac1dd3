"""The stage as a bare loop: the same client settings, transactions and batches, and nothing else.

No retry, no dead letter, no headers, no metrics, no types: what is left is the price of Avro and
of Kafka.
"""

from __future__ import annotations

import signal
from typing import Any

from confluent_kafka import Consumer, Producer, TopicPartition

from benchmarks.peers.job import BATCH, BOOTSTRAP, GROUP, ORDERS, SHIPPED, shipped

IDLE_S = 0.05
CALL_S = 30


def main() -> None:
    """Turn the loop until SIGTERM."""
    consumer = Consumer(
        {
            "bootstrap.servers": BOOTSTRAP,
            "group.id": GROUP,
            "group.instance.id": f"{GROUP}-0",
            "isolation.level": "read_committed",
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "auto.offset.reset": "earliest",
            "fetch.wait.max.ms": 50,
            "fetch.message.max.bytes": 1024 * 1024,
            "queued.max.messages.kbytes": 16 * 1024,
            "session.timeout.ms": 15_000,
        }
    )
    producer = Producer(
        {
            "bootstrap.servers": BOOTSTRAP,
            "transactional.id": f"{GROUP}-0",
            "transaction.timeout.ms": 30_000,
            "linger.ms": 0,
            "compression.type": "lz4",
            "retry.backoff.ms": 1,
            "retry.backoff.max.ms": 50,
            "partitioner": "murmur2_random",
        }
    )
    failures: list[Any] = []

    def delivered(error: object, _message: object) -> None:
        if error is not None:
            failures.append(error)

    producer.init_transactions(CALL_S)
    consumer.subscribe([ORDERS])
    while True:
        messages = consumer.consume(1, IDLE_S)
        if not messages:
            continue
        messages += consumer.consume(BATCH - 1, 0)
        ends: dict[int, int] = {}
        producer.begin_transaction()
        for message in messages:
            value = shipped(message.value() or b"")
            producer.produce(SHIPPED, key=message.key(), value=value, on_delivery=delivered)
            ends[message.partition() or 0] = (message.offset() or 0) + 1
        producer.send_offsets_to_transaction(
            [TopicPartition(ORDERS, *end) for end in ends.items()],
            consumer.consumer_group_metadata(),
            CALL_S,
        )
        producer.commit_transaction(CALL_S)
        if failures:
            raise RuntimeError(failures[0])


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    main()

"""Both jobs with Quix Streams.

The stage is exactly once. A sink of Quix Streams gets the batch of a partition at each checkpoint,
and the offsets are committed afterwards (at least once); what it does at once is up to its author.
"""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from confluent_kafka import Producer
from quixstreams import Application
from quixstreams.sinks import BatchingSink, SinkBatch

from benchmarks.peers import job


class Booking(BatchingSink):  # type: ignore[misc]
    """Does the work of as many keys at once as there are slots, in order within a key."""

    def __init__(self) -> None:
        super().__init__()
        self._threads = ThreadPoolExecutor(job.SLOTS)
        self._producer = Producer(
            {"bootstrap.servers": job.BOOTSTRAP, "enable.idempotence": True, "linger.ms": 0}
        )

    def write(self, batch: SinkBatch) -> None:
        """Have the effects of a batch, and tell them before its offsets are committed."""
        by_key: dict[bytes, list[Any]] = defaultdict(list)
        for item in batch:
            by_key[item.key].append(item)
        for _ in self._threads.map(self._book, by_key.values()):
            pass
        self._producer.flush()

    def _book(self, items: list[Any]) -> None:
        for item in items:
            time.sleep(job.LATENCY_S)
            value = job.outcome(item.value, command=str(item.offset))
            self._producer.produce(job.OUTCOMES, key=item.key, value=value)


def main(kind: str) -> None:
    """Run a job until SIGTERM."""
    app = Application(
        broker_address=job.BOOTSTRAP,
        consumer_group=job.GROUP,
        auto_offset_reset="earliest",
        commit_every=job.BATCH,
        commit_interval=0.5,
        processing_guarantee="exactly-once" if kind == "stage" else "at-least-once",
        auto_create_topics=False,
        loglevel="WARNING",
        producer_extra_config={
            "linger.ms": 0,
            "compression.type": "lz4",
            "retry.backoff.ms": 1,
            "retry.backoff.max.ms": 50,
        },
        consumer_extra_config={"fetch.wait.max.ms": 50},
    )
    raw = {"key_deserializer": "bytes", "value_deserializer": "bytes"}
    orders = app.dataframe(app.topic(job.ORDERS, **raw))
    if kind == "stage":
        out = app.topic(job.SHIPPED, key_serializer="bytes", value_serializer="bytes")
        orders.apply(job.shipped).to_topic(out)
    else:
        orders.sink(Booking())
    app.run()


if __name__ == "__main__":
    main(sys.argv[1])

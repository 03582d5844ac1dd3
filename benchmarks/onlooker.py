"""Puts orders in one by one, and sees when each comes out: committed, at a reader."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from confluent_kafka import Producer, TopicPartition

from benchmarks.loads import ORDERS, encoded, key
from benchmarks.track import Track, closing_consumer

SHIPPED = "bench.shipped"


@dataclass(frozen=True, slots=True)
class Passage:
    """One record's way; monotonic seconds."""

    partition: int
    put_in: float
    came_out: float

    @property
    def delay_s(self) -> float:
        """Return how long it took."""
        return self.came_out - self.put_in

    def delay_beyond(self, moment: float) -> float:
        """Return how long it took after a moment before which nobody could have done it."""
        return self.came_out - max(self.put_in, moment)


class Onlooker:
    """Remembers when what was put in, and when it came out."""

    def __init__(self, run: Track) -> None:
        self._run = run
        self._put_in: dict[bytes, float] = {}
        self._came_out: dict[bytes, tuple[float, int]] = {}
        self._next = 0
        self._producer = Producer(
            {
                "bootstrap.servers": run.on.bootstrap,
                "linger.ms": 0,
                "partitioner": "murmur2_random",
                "log_level": 0,
            }
        )
        self._over = threading.Event()
        self._looking = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Onlooker:
        """Begin to look."""
        self._thread.start()
        self._looking.wait()
        return self

    def __exit__(self, *_: object) -> None:
        """Look no more."""
        self._over.set()
        self._thread.join()

    def put(self) -> int:
        """Put the next order in; return its number."""
        number, self._next = self._next, self._next + 1
        [(record_key, value)] = encoded(self._run.on.codec, range(number, number + 1))
        self._put_in[record_key] = time.monotonic()
        self._producer.produce(self._run.topology.name(ORDERS), key=record_key, value=value)
        self._producer.poll(0)
        return number

    def put_steadily(self, *, per_s: float, for_s: float) -> range:
        """Put orders in at a rate; return their numbers."""
        first, began = self._next, time.monotonic()
        for number in range(int(per_s * for_s)):
            time.sleep(max(0.0, began + number / per_s - time.monotonic()))
            self.put()
        return range(first, self._next)

    def has_seen(self, numbers: range) -> bool:
        """Tell whether all of these came out."""
        return all(key(number) in self._came_out for number in numbers)

    def passages(self, numbers: range) -> list[Passage]:
        """Wait until all of these have come out, and tell of each."""
        self._run.until(lambda: self.has_seen(numbers))
        return [self._passage(key(number)) for number in numbers]

    def partitions(self, numbers: range) -> set[int]:
        """Return the partitions that some of these came out of."""
        keys = map(key, numbers)
        return {self._came_out[one][1] for one in keys if one in self._came_out}

    def _passage(self, record_key: bytes) -> Passage:
        came_out, partition = self._came_out[record_key]
        return Passage(partition, self._put_in[record_key], came_out)

    def _look(self) -> None:
        with closing_consumer(self._run.on.bootstrap) as consumer:
            places = self._run.partitions(SHIPPED)
            consumer.assign([TopicPartition(one.topic, one.partition, 0) for one in places])
            self._looking.set()
            while not self._over.is_set():
                for message in consumer.consume(1, 0.5):
                    if message.error() is None:
                        came_out = time.monotonic(), message.partition() or 0
                        self._came_out.setdefault(message.key() or b"", came_out)

"""Puts events in, at a rate, and remembers what Kafka acknowledged."""

from __future__ import annotations

import threading

import confluent_kafka

from isthmus.kafka.codec import Codec
from isthmus.kafka.topology import Topology
from tests.crash.events import Event, Generator

RATE_PER_S = 40.0


class Load:
    """The load of a run: it goes on until it is ended."""

    def __init__(self, bootstrap: str, topology: Topology, codec: Codec, seed: int) -> None:
        self.sent: list[Event] = []
        self._topic = topology.name("crash.facts")
        self._codec = codec
        self._generator = Generator(seed)
        self._producer = confluent_kafka.Producer(
            {
                "bootstrap.servers": bootstrap,
                "enable.idempotence": True,
                "partitioner": "murmur2_random",
                "message.timeout.ms": 120_000,
                "log_level": 0,
            }
        )
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Put nothing more in."""
        self._over.set()
        self._thread.join()
        if self._producer.flush(60):
            raise RuntimeError("the load was not acknowledged")

    def _run(self) -> None:
        while not self._over.wait(1 / RATE_PER_S):
            event = self._generator.event()

            def delivered(error: object, _message: object, event: Event = event) -> None:
                if error is None:
                    self.sent.append(event)

            self._producer.produce(
                self._topic,
                key=event.key.encode(),
                value=self._codec.encode(self._topic, event.record()),
                on_delivery=delivered,
            )
            self._producer.poll(0)

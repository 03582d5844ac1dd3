"""The fake cluster as a subject."""

from __future__ import annotations

from itertools import count

from isthmus.kafka.clients import Settings
from isthmus.testing.clock import VirtualClock
from isthmus.testing.cluster import FakeCluster

from .member import Member


class FakeSubject:
    """Virtual time: a ``wait`` costs nothing."""

    def __init__(self) -> None:
        self._clock = VirtualClock()
        self._numbers = count()
        self.clients = FakeCluster(clock=self._clock, auto_advance=True)
        self.filler = self.clients.producer({"transactional.id": "filler"})
        self.filler.init_transactions()

    def create_topic(self, partitions: int = 1, **config: str | int) -> str:
        name = self.name("topic")
        self.clients.create_topic(name, partitions, **config)
        return name

    def grow_topic(self, topic: str, partitions: int) -> None:
        self.clients.grow_topic(topic, partitions)

    def drop_before(self, topic: str, partition: int, offset: int) -> None:
        self.clients.drop_before(topic, partition, offset)

    def now(self) -> float:
        return self._clock.monotonic()

    def wait(self, seconds: float) -> None:
        self._clock.advance(seconds)

    def doomed(self, settings: Settings, topics: list[str]) -> FakeDoomed:
        return FakeDoomed(self.clients, settings, topics)

    def name(self, prefix: str) -> str:
        return f"{prefix}-{next(self._numbers)}"


class FakeDoomed:
    """A member whose process the fake can kill and stop."""

    def __init__(self, cluster: FakeCluster, settings: Settings, topics: list[str]) -> None:
        self._cluster = cluster
        self._consumer = cluster.consumer(settings)
        self._running = True
        self._member = Member(self._consumer).subscribe(*topics)

    def serve(self) -> None:
        if self._running:
            self._member.poll(0.01)

    def calls(self) -> list[str]:
        return self._member.calls

    def kill(self) -> None:
        self._running = False
        self._cluster.crash(self._consumer)

    def stop(self) -> None:
        self._running = False
        self._cluster.stop(self._consumer)

    def wake(self) -> None:
        self._running = True
        self._cluster.wake(self._consumer)

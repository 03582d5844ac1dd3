"""A fake cluster with a clock, and the clients of a worker on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import TopicPartition

from isthmus.kafka.clients import Message
from isthmus.testing.clock import VirtualClock
from isthmus.testing.cluster import FakeCluster
from isthmus.testing.cluster.consumer import FakeConsumer
from isthmus.testing.cluster.producer import FakeProducer

TOPIC = "orders"
GROUP = "mapper"


@dataclass
class World:
    """One topic of two partitions, and time."""

    auto_advance: bool = False
    clock: VirtualClock = field(default_factory=VirtualClock)

    def __post_init__(self) -> None:
        self.cluster = FakeCluster(clock=self.clock, auto_advance=self.auto_advance)
        self.cluster.create_topic(TOPIC, 2)

    def consumer(self, **settings: Any) -> FakeConsumer:
        """Make a consumer; settings with ``_`` for ``.``."""
        given = {name.replace("_", "."): value for name, value in settings.items()}
        base = {"group.id": GROUP, "enable.auto.commit": False, "session.timeout.ms": 6000}
        return self.cluster.consumer(base | {"auto.offset.reset": "earliest"} | given)

    def producer(self, transactional_id: str = "mapper-0", **settings: Any) -> FakeProducer:
        """Make a transactional producer, ready to begin."""
        given = {name.replace("_", "."): value for name, value in settings.items()}
        made = self.cluster.producer({"transactional.id": transactional_id} | given)
        made.init_transactions()
        return made

    def member(
        self, instance: str | None = None, **settings: Any
    ) -> tuple[FakeConsumer, list[str]]:
        """Make a member of the group and a list of the calls of its callbacks."""
        extra = {} if instance is None else {"group_instance_id": instance}
        made, calls = self.consumer(**extra, **settings), list[str]()
        made.subscribe(
            [TOPIC],
            on_assign=lambda *_: calls.append("assign"),
            on_revoke=lambda *_: calls.append("revoke"),
            on_lost=lambda *_: calls.append("lose"),
        )
        return made, calls


def values(messages: Any) -> list[bytes | None]:
    """Return the values of records."""
    found: list[Message] = list(messages)
    return [message.value() for message in found if message.error() is None]


def owned(consumer: FakeConsumer) -> list[int]:
    """Return the partition numbers that a consumer reads."""
    return [each.partition for each in consumer.assignment()]


def read_from_start(consumer: FakeConsumer) -> FakeConsumer:
    """Let a consumer read partition 0 without a group."""
    consumer.assign([TopicPartition(TOPIC, 0, 0)])
    return consumer

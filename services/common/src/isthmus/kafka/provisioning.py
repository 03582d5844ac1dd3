"""Bring Kafka's topics to what the list says: all of it, or nothing where something is refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from confluent_kafka.admin import AdminClient

from isthmus.kafka import client_settings, real_clients, topic_plan
from isthmus.kafka.growth import GrowthGuard
from isthmus.kafka.physical import physical_topics
from isthmus.kafka.reader import Reader
from isthmus.kafka.topic_admin import TopicAdmin, TopicsRefused
from isthmus.kafka.topic_plan import Plan
from isthmus.kafka.topology import Topology
from isthmus.ops.clock import Clock, SystemClock
from isthmus.ops.kafka_settings import KafkaSettings


@dataclass(frozen=True, slots=True)
class Provisioner:
    """Plans and makes topics in one Kafka."""

    admin: TopicAdmin
    guard: GrowthGuard

    def plan(self, topology: Topology) -> Plan:
        """Tell what is to be done, and what stands against it.

        :raises TopicsRefused: Kafka does not answer, or may not be asked.
        """
        wanted = physical_topics(topology)
        actual = self.admin.look(topic.name for topic in wanted)
        partitions = {name: topic.partitions for name, topic in actual.items()}
        return topic_plan.plan(
            wanted,
            actual,
            replication=topology.defaults.replication,
            obstacles=self.guard.obstacles(topic_plan.growing(wanted, actual), partitions),
        )

    def apply(self, topology: Topology) -> Plan:
        """Carry the plan out, and return it.

        :raises TopicsRefused: something of it is refused; then nothing was done.
        """
        plan = self.plan(topology)
        if plan.refusals:
            raise TopicsRefused("\n".join(map(str, plan.refusals)))
        self.admin.carry_out(plan.changes, replication=topology.defaults.replication)
        return plan


@contextmanager
def provisioner(kafka: KafkaSettings, *, clock: Clock | None = None) -> Iterator[Provisioner]:
    """Open a provisioner, and close what it reads with at the end."""
    clock = clock or SystemClock()
    settings = client_settings.connection(kafka)
    client = AdminClient(settings)
    consumer = real_clients.CONFLUENT.consumer(
        client_settings.table_consumer(kafka, group="isthmusctl")
    )
    reader = Reader(consumer, lambda: real_clients.CONFLUENT.admin(settings))
    timeout_s = kafka.call_timeout_s
    try:
        yield Provisioner(
            admin=TopicAdmin(client=client, clock=clock, call_timeout_s=timeout_s),
            guard=GrowthGuard(admin=client, reader=reader, clock=clock, call_timeout_s=timeout_s),
        )
    finally:
        consumer.close()

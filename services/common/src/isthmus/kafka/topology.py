"""The list of topics as values, and the names that follow from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from isthmus.kafka.policy import Exhausted
from isthmus.ops.configuration import ConfigurationError, Problem

CONTROL: Final = "isthmus.control"
AUDIT: Final = "isthmus.audit"
ORDER_KEYS: Final = "isthmus.order-keys"
FOREVER: Final = -1


class Cleanup(StrEnum):
    """What Kafka does with old records; the values are those of ``cleanup.policy``."""

    DELETE = "delete"
    COMPACT = "compact"


class UnknownTopic(KeyError):
    """The list of topics has no such entry."""

    def __init__(self, name: str) -> None:
        super().__init__(f"topic {name} is not in the list of topics (schemas/topics.yaml)")


@dataclass(frozen=True, slots=True)
class Topic:
    """One entry of the list.

    :param record: full name of the Avro record.
    :param key: what the record key is made of, for people.
    :param partitions_as: the topic with which this one must have equal partitions.
    :param retention_ms: of compacted topics, how long a tombstone can be read.
    :param expires_ms: of compacted topics, the age at which the last value of a key goes as well;
        none: never.
    :param pii: whether it carries sealed personal data.
    :param consumers: groups, and what becomes of a key whose record is given up.
    :param tables: workloads that read it whole, as a table.
    """

    name: str
    record: str
    key: str
    partitions: int
    partitions_as: str | None
    cleanup: Cleanup
    retention_ms: int
    pii: bool
    producers: tuple[str, ...]
    consumers: Mapping[str, Exhausted]
    tables: tuple[str, ...]
    doc: str
    expires_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Defaults:
    """What holds for all topics of a cluster."""

    partitions: int = 12
    replication: int = 3
    min_insync_replicas: int = 2
    max_message_bytes: int = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Topology:
    """All topics. Logical names are those of the list; names in Kafka may have a prefix.

    Every method takes either and returns names in Kafka, so that nobody has to keep them apart.

    :param topics: by logical name.
    :param sources: partitions of ``<source>.accounts``, by source.
    :param prefix: put before every topic and group, so that copies can live in one cluster.
    """

    topics: Mapping[str, Topic]
    sources: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    defaults: Defaults = field(default_factory=Defaults)
    prefix: str = ""

    def renamed(self, prefix: str) -> Topology:
        """Return the same topology under another prefix.

        :raises ConfigurationError: a name of the list begins with it: the two could not be told
            apart.
        """
        alike = [name for name in {*self.topics, *self.workloads()} if name.startswith(prefix)]
        if prefix and alike:
            what = f"prefix {prefix!r} is also the beginning of {min(alike)}"
            raise ConfigurationError([Problem("topics.yaml", what, "choose another prefix")])
        return replace(self, prefix=prefix)

    def replicated(self, replication: int) -> Topology:
        """Return the same topology with another number of replicas."""
        return replace(self, defaults=replace(self.defaults, replication=replication))

    def topic(self, name: str) -> Topic:
        """Return the entry of a topic.

        :raises UnknownTopic: the list has none of that name.
        """
        entry = self.topics.get(self.logical(name))
        if entry is None:
            raise UnknownTopic(name)
        return entry

    def logical(self, name: str) -> str:
        """Return the name as it stands in the list."""
        return name.removeprefix(self.prefix)

    def name(self, topic: str) -> str:
        """Return the name in Kafka of a topic.

        :raises UnknownTopic: the list has none of that name.
        """
        return self.prefix + self.topic(topic).name

    def group(self, workload: str) -> str:
        """Return the consumer group of a workload in Kafka."""
        return self.prefix + self.logical(workload)

    def retry(self, topic: str, group: str) -> str:
        """Return where records of the topic wait for the group's next try."""
        return f"{self.name(topic)}.{self.logical(group)}.retry"

    def dlq(self, topic: str, group: str) -> str:
        """Return where dead letters lie; for a source, those of a topic it produces."""
        return f"{self.name(topic)}.{self.logical(group)}.dlq"

    def held(self, topic: str, group: str) -> str:
        """Return where the group's held keys of the topic are listed."""
        return f"{self.name(topic)}.{self.logical(group)}.held"

    def positions(self, topic: str, group: str) -> str:
        """Return where the owners of the group's partitions write down where they stand."""
        return f"{self.name(topic)}.{self.logical(group)}.positions"

    def accounts(self, source: str) -> str:
        """Return the empty topic whose partitions are the ownership of accounts."""
        return f"{self.group(source)}.accounts"

    def checkpoints(self, source: str) -> str:
        """Return where a source notes how far its feeds were read."""
        return f"{self.group(source)}.checkpoints"

    @property
    def control(self) -> str:
        """Return the topic that tells who is paused."""
        return self.name(CONTROL)

    @property
    def audit(self) -> str:
        """Return the topic of what people did to records."""
        return self.name(AUDIT)

    @property
    def order_keys(self) -> str:
        """Return the topic of the data keys of orders."""
        return self.name(ORDER_KEYS)

    def consumed_by(self, group: str) -> Mapping[str, Exhausted]:
        """Return the topics of a consumer group, and what becomes of a key that is given up."""
        workload = self.logical(group)
        return {
            self.name(topic.name): topic.consumers[workload]
            for topic in self.topics.values()
            if workload in topic.consumers
        }

    def produced_by(self, workload: str) -> Iterator[Topic]:
        """Yield the topics that a workload writes."""
        name = self.logical(workload)
        return (topic for topic in self.topics.values() if name in topic.producers)

    def workloads(self) -> frozenset[str]:
        """Return everybody who is named in the list."""
        return frozenset(self.sources).union(
            *({*topic.producers, *topic.consumers, *topic.tables} for topic in self.topics.values())
        )

"""The topics of the cluster and what each refuses to store."""

from __future__ import annotations

from confluent_kafka import KafkaError

from . import codes
from .errors import Refused
from .partition_log import PartitionLog, Payload
from .wire_size import batch_bytes

_MAX_BYTES = 1_048_588
_HEEDED = {"cleanup.policy", "max.message.bytes"}
# Retention and the cleaner run when a test says so, and one broker has no replicas.
_WITHOUT_EFFECT = {
    "delete.retention.ms",
    "max.compaction.lag.ms",
    "min.insync.replicas",
    "retention.ms",
    "unclean.leader.election.enable",
}


class Topic:
    """A named row of partitions with its configuration."""

    def __init__(self, name: str, partitions: int, config: dict[str, str]) -> None:
        unknown = config.keys() - _HEEDED - _WITHOUT_EFFECT
        if unknown:
            raise NotImplementedError(f"topic settings not in the fake cluster: {sorted(unknown)}")
        self.name = name
        self.partitions = [PartitionLog(name, number) for number in range(partitions)]
        self._compacted = "compact" in config.get("cleanup.policy", "delete")
        self._max_bytes = int(config.get("max.message.bytes", _MAX_BYTES))

    def grow(self, partitions: int) -> None:
        """Add partitions until there are ``partitions``."""
        have = len(self.partitions)
        self.partitions += [PartitionLog(self.name, number) for number in range(have, partitions)]

    def check(self, payload: Payload) -> None:
        """Let a record pass that may be stored here.

        :raises Refused: if it is too large, or has no key and the topic is compacted.
        """
        if self._compacted and payload.key is None:
            raise Refused(KafkaError.INVALID_RECORD)
        if batch_bytes(payload.key, payload.value, payload.headers) > self._max_bytes:
            raise Refused(KafkaError.MSG_SIZE_TOO_LARGE)


class Topics:
    """All topics by name."""

    def __init__(self) -> None:
        self._by_name: dict[str, Topic] = {}

    def create(self, name: str, partitions: int, config: dict[str, str]) -> Topic:
        """Add a topic.

        :raises ValueError: if there is one of that name.
        """
        if name in self._by_name:
            raise ValueError(f"topic {name} exists")
        topic = self._by_name[name] = Topic(name, partitions, config)
        return topic

    def names(self) -> list[str]:
        """Return the names of all topics."""
        return list(self._by_name)

    def find(self, name: str) -> Topic | None:
        """Return the topic, or None where there is none."""
        return self._by_name.get(name)

    def log(self, name: str, partition: int) -> PartitionLog:
        """Return one partition.

        :raises Refused: if there is no such topic or partition.
        """
        topic = self.find(name)
        if topic is None or not 0 <= partition < len(topic.partitions):
            raise Refused(codes.UNKNOWN_PARTITION)
        return topic.partitions[partition]

    def check(self, name: str, payload: Payload) -> None:
        """Let a record pass that the topic may store.

        :raises Refused: as ``Topic.check`` does.
        """
        self._by_name[name].check(payload)

    def widths(self, names: tuple[str, ...]) -> dict[str, int]:
        """Return the partition counts of those of ``names`` that exist."""
        found = {name: self.find(name) for name in names}
        return {name: len(topic.partitions) for name, topic in found.items() if topic is not None}

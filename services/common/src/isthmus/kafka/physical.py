"""Every topic that must exist in Kafka, with its settings there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from isthmus.kafka.topology import FOREVER, Cleanup, Topic, Topology

HEADROOM_BYTES: Final = 64 * 1024
DAY_MS: Final = 86_400_000
DERIVED_TOMBSTONE_MS: Final = 7 * DAY_MS

OWN: Final = "isthmus."  # what the core tells itself is never refused

CHECKPOINT: Final = "isthmus.control.Checkpoint"
HELD_KEY: Final = "isthmus.control.HeldKey"
POSITION: Final = "isthmus.control.Position"
POSITIONS_SEGMENT_BYTES: Final = 64 * 1024 * 1024
RELEASE: Final = "isthmus.control.Release"


class Role(StrEnum):
    """What a topic is for."""

    LISTED = "listed"
    RETRY = "retry"
    DLQ = "dlq"
    HELD = "held"
    POSITIONS = "positions"
    ACCOUNTS = "accounts"
    CHECKPOINTS = "checkpoints"


@dataclass(frozen=True, slots=True)
class PhysicalTopic:
    """A topic as it must be in Kafka.

    :param records: full names of the Avro records that may lie in it.
    :param keyed: whether a record's partition follows from its key; an unkeyed one may grow.
    :param family: topics of one family have equal partitions, and grow together or not at all.
    :param groups: consumer groups that read it, by their names in Kafka.
    """

    name: str
    role: Role
    records: tuple[str, ...]
    partitions: int
    keyed: bool
    family: str
    groups: tuple[str, ...]
    config: Mapping[str, str]


def physical_topics(topology: Topology) -> tuple[PhysicalTopic, ...]:
    """Return all topics that follow from the list."""
    return tuple(_physical_topics(topology))


def _physical_topics(topology: Topology) -> Iterator[PhysicalTopic]:
    for topic in topology.topics.values():
        yield _listed(topology, topic)
        for group in topic.consumers:
            yield from _of_group(topology, topic, group)
        for source in topology.sources:
            if _is_fact_of(topic, source):
                yield _letters(topology, topic, source)
    for source, accounts in topology.sources.items():
        yield from _of_source(topology, source, accounts)


def _is_fact_of(topic: Topic, source: str) -> bool:
    return source in topic.producers and not topic.name.startswith(OWN)


def _listed(topology: Topology, topic: Topic) -> PhysicalTopic:
    return PhysicalTopic(
        name=topology.name(topic.name),
        role=Role.LISTED,
        records=(topic.record,),
        partitions=topic.partitions,
        keyed=True,
        family=_family(topology, topic),
        groups=tuple(map(topology.group, topic.consumers)),
        config=_config(
            topology,
            cleanup=topic.cleanup,
            retention_ms=topic.retention_ms,
            headroom_bytes=0,
            expires_ms=topic.expires_ms,
        ),
    )


def _of_group(topology: Topology, topic: Topic, group: str) -> Iterator[PhysicalTopic]:
    yield PhysicalTopic(
        name=topology.retry(topic.name, group),
        role=Role.RETRY,
        records=(topic.record, RELEASE),
        partitions=topic.partitions,
        keyed=True,
        family=_family(topology, topic),
        groups=(topology.group(group),),
        config=_kept(topology),
    )
    yield _letters(topology, topic, group)
    yield PhysicalTopic(
        name=topology.held(topic.name, group),
        role=Role.HELD,
        records=(HELD_KEY,),
        partitions=topic.partitions,
        keyed=True,
        family=_family(topology, topic),
        groups=(),
        config=_compacted(topology),
    )
    yield PhysicalTopic(
        name=topology.positions(topic.name, group),
        role=Role.POSITIONS,
        records=(POSITION,),
        partitions=topic.partitions,
        keyed=True,
        family=_family(topology, topic),
        groups=(),
        # One record for each transaction, of which only the last counts.
        config={**_compacted(topology), "segment.bytes": str(POSITIONS_SEGMENT_BYTES)},
    )


def _letters(topology: Topology, topic: Topic, workload: str) -> PhysicalTopic:
    return PhysicalTopic(
        name=topology.dlq(topic.name, workload),
        role=Role.DLQ,
        records=(topic.record,),
        partitions=topic.partitions,
        keyed=True,
        family=_family(topology, topic),
        groups=(),
        config=_kept(topology),
    )


def _of_source(topology: Topology, source: str, accounts: int) -> Iterator[PhysicalTopic]:
    yield PhysicalTopic(
        name=topology.accounts(source),
        role=Role.ACCOUNTS,
        records=(),
        partitions=accounts,
        keyed=False,
        family=topology.accounts(source),
        groups=(topology.group(source),),
        config=_config(topology, cleanup=Cleanup.DELETE, retention_ms=7 * DAY_MS, headroom_bytes=0),
    )
    yield PhysicalTopic(
        name=topology.checkpoints(source),
        role=Role.CHECKPOINTS,
        records=(CHECKPOINT,),
        partitions=topology.defaults.partitions,
        keyed=True,
        family=topology.checkpoints(source),
        groups=(),
        config=_compacted(topology),
    )


def _family(topology: Topology, topic: Topic) -> str:
    return topology.name(topic.partitions_as or topic.name)


def _kept(topology: Topology) -> Mapping[str, str]:
    return _config(
        topology, cleanup=Cleanup.DELETE, retention_ms=FOREVER, headroom_bytes=HEADROOM_BYTES
    )


def _compacted(topology: Topology) -> Mapping[str, str]:
    return _config(
        topology,
        cleanup=Cleanup.COMPACT,
        retention_ms=DERIVED_TOMBSTONE_MS,
        headroom_bytes=0,
    )


def _config(
    topology: Topology,
    *,
    cleanup: Cleanup,
    retention_ms: int,
    headroom_bytes: int,
    expires_ms: int | None = None,
) -> Mapping[str, str]:
    defaults = topology.defaults
    shared = {
        "cleanup.policy": cleanup.value,
        "max.message.bytes": str(defaults.max_message_bytes + headroom_bytes),
        "min.insync.replicas": str(min(defaults.min_insync_replicas, defaults.replication)),
        "unclean.leader.election.enable": "false",
    }
    if cleanup is Cleanup.DELETE:
        return shared | {"retention.ms": str(retention_ms)}
    if expires_ms is not None:
        shared |= {"cleanup.policy": "compact,delete", "retention.ms": str(expires_ms)}
    # A purge is a purge only once the old value is gone from disk: a day at the latest.
    return shared | {
        "delete.retention.ms": str(retention_ms),
        "max.compaction.lag.ms": str(DAY_MS),
    }

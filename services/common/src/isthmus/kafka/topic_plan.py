"""From the topics that should be and those that are to what is to be done, or refused: pure.

Refused is what would lose records, or send later records of a key to another partition than the
earlier ones, where they could overtake.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from isthmus.kafka.physical import PhysicalTopic
from isthmus.ops.configuration import Problem

FOREVER: Final = "-1"
NEVER_LOWERED: Final[Mapping[str, str]] = {
    "retention.ms": "records that are still wanted would be deleted",
    "delete.retention.ms": "tables that are behind would never see the tombstones",
    "max.message.bytes": "records that are there already could not be written again",
}
CLEANUP: Final = "cleanup.policy"


@dataclass(frozen=True, slots=True)
class Actual:
    """A topic as it is in Kafka.

    :param replication: the smallest number of replicas of a partition.
    """

    partitions: int
    replication: int
    config: Mapping[str, str]


class Deed(StrEnum):
    """What can be done to a topic."""

    CREATE = "create"
    GROW = "grow"
    ALTER = "alter"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing to do.

    :param config: the settings to give the topic; nothing for growing.
    :param detail: what changes, for people.
    """

    deed: Deed
    topic: PhysicalTopic
    config: Mapping[str, str]
    detail: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done, and what stands against doing any of it."""

    changes: tuple[Change, ...]
    refusals: tuple[Problem, ...]


def growing(
    wanted: Iterable[PhysicalTopic], actual: Mapping[str, Actual]
) -> tuple[PhysicalTopic, ...]:
    """Return the topics that have fewer partitions than they should."""
    return tuple(
        topic
        for topic in wanted
        if topic.name in actual and actual[topic.name].partitions < topic.partitions
    )


def plan(
    wanted: Iterable[PhysicalTopic],
    actual: Mapping[str, Actual],
    *,
    replication: int,
    obstacles: Mapping[str, tuple[str, ...]],
) -> Plan:
    """Compare what should be with what is.

    :param obstacles: why a topic that is to grow must not, by its name; see ``growth``.
    """
    topics = tuple(wanted)
    changes: list[Change] = []
    refusals: list[Problem] = []
    for topic in topics:
        existing = actual.get(topic.name)
        if existing is None:
            changes.append(_create(topic, replication=replication))
            continue
        changes.extend(_changes(topic, existing))
        refusals.extend(_refusals(topic, existing, replication=replication))
    refusals.extend(_families_in_use(growing(topics, actual), obstacles))
    return Plan(tuple(changes), tuple(refusals))


def _create(topic: PhysicalTopic, *, replication: int) -> Change:
    retention = topic.config.get("retention.ms", topic.config.get("delete.retention.ms", ""))
    detail = (
        f"{topic.partitions} partitions, {replication} replicas, {topic.config[CLEANUP]},"
        f" {_duration(retention)}"
    )
    return Change(Deed.CREATE, topic, topic.config, detail)


def _changes(topic: PhysicalTopic, existing: Actual) -> Iterator[Change]:
    if existing.partitions < topic.partitions:
        detail = f"{existing.partitions} -> {topic.partitions} partitions"
        yield Change(Deed.GROW, topic, {}, detail)
    different = {
        name: value for name, value in topic.config.items() if existing.config.get(name) != value
    }
    if different:
        detail = ", ".join(
            f"{name} {existing.config.get(name)} -> {value}" for name, value in different.items()
        )
        yield Change(Deed.ALTER, topic, different, detail)


def _refusals(topic: PhysicalTopic, existing: Actual, *, replication: int) -> Iterator[Problem]:
    if existing.partitions > topic.partitions:
        yield Problem(
            topic.name,
            f"has {existing.partitions} partitions, {topic.partitions} are wanted: Kafka cannot"
            " take partitions away",
            f"set partitions: {existing.partitions} in schemas/topics.yaml",
        )
    if existing.replication != replication:
        yield Problem(
            topic.name,
            f"has {existing.replication} replicas, {replication} are wanted: replicas are moved by"
            " a reassignment, not here",
            "run kafka-reassign-partitions, or name the number with --replication",
        )
    yield from _lossy_settings(topic, existing)


def _lossy_settings(topic: PhysicalTopic, existing: Actual) -> Iterator[Problem]:
    policy = existing.config.get(CLEANUP, topic.config[CLEANUP])
    if policy != topic.config[CLEANUP]:
        yield Problem(
            topic.name,
            f"{CLEANUP} is {policy}, {topic.config[CLEANUP]} is wanted: records that readers"
            " count on would go",
            f"set cleanup: {policy} in schemas/topics.yaml, or name a new topic",
        )
    for name, consequence in NEVER_LOWERED.items():
        before, after = existing.config.get(name), topic.config.get(name)
        if before is not None and after is not None and _lower(after, before):
            yield Problem(
                topic.name,
                f"{name} is {before}, {after} is wanted: {consequence}",
                "leave it in schemas/topics.yaml as it is; who means it lowers it by hand"
                f" (kafka-configs --alter --add-config {name}={after})",
            )


def _families_in_use(
    topics: tuple[PhysicalTopic, ...], obstacles: Mapping[str, tuple[str, ...]]
) -> Iterator[Problem]:
    """Refuse all topics of a family for what stands against one: their partitions are equal."""
    for family in dict.fromkeys(topic.family for topic in topics):
        members = [topic for topic in topics if topic.family == family]
        reasons = [reason for topic in members for reason in obstacles.get(topic.name, ())]
        if reasons:
            names = ", ".join(topic.name for topic in members)
            yield Problem(
                names,
                "must not grow: keys would move to other partitions while "
                + "; ".join(dict.fromkeys(reasons)),
                "drain and stop the groups, then apply again; what is never empty keeps its number"
                " of partitions for life",
            )


def _lower(after: str, before: str) -> bool:
    if FOREVER in {after, before}:
        return before == FOREVER and after != FOREVER
    return int(after) < int(before)


def _duration(milliseconds: str) -> str:
    if milliseconds == FOREVER:
        return "kept for ever"
    hours = int(milliseconds) // 3_600_000
    return f"{hours // 24} d" if hours % 24 == 0 else f"{hours} h"

"""Read the list of topics: schemas/topics.yaml."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType

from isthmus.kafka.topics_document import (
    Document,
    Lines,
    SameAs,
    TopicPart,
    place,
    read,
)
from isthmus.kafka.topology import Defaults, Topic, Topology, UnknownTopic
from isthmus.ops.configuration import ConfigurationError, Problem

__all__ = ["Defaults", "Topic", "Topology", "UnknownTopic", "load"]

NAME_LENGTH_MAX = 249


def load(path: Path) -> Topology:
    """Read the list of topics.

    :raises ConfigurationError: tells file, line and remedy of everything that is wrong.
    """
    document, lines = read(path)
    problems = list(_contradictions(document, path=path, lines=lines))
    if problems:
        raise ConfigurationError(problems)
    return Topology(
        topics=MappingProxyType(
            {name: _topic(document, name, part) for name, part in document.topics.items()}
        ),
        sources=MappingProxyType({name: part.accounts for name, part in document.sources.items()}),
        defaults=Defaults(**document.defaults.model_dump()),
    )


def _topic(document: Document, name: str, part: TopicPart) -> Topic:
    other = part.partitions.topic if isinstance(part.partitions, SameAs) else None
    return Topic(
        name=name,
        record=part.record,
        key=part.key,
        partitions=_partitions(document, document.topics[other] if other else part),
        partitions_as=other,
        cleanup=part.cleanup,
        retention_ms=part.retention,
        pii=part.pii == "sealed",
        producers=part.producers,
        consumers=MappingProxyType(
            {group: consumer.exhausted for group, consumer in part.consumers.items()}
        ),
        tables=part.tables,
        doc=part.doc,
        expires_ms=part.expires,
    )


def _partitions(document: Document, part: TopicPart) -> int:
    own = part.partitions
    return own if isinstance(own, int) else document.defaults.partitions


def _contradictions(document: Document, *, path: Path, lines: Lines) -> Iterator[Problem]:
    if document.defaults.min_insync_replicas > document.defaults.replication:
        yield Problem(
            place(path, lines, ("defaults", "min_insync_replicas")),
            "more replicas must be in sync than there are",
            "set min_insync_replicas to at most replication",
        )
    for name, part in document.topics.items():
        if isinstance(part.partitions, SameAs):
            where = place(path, lines, ("topics", name, "partitions"))
            yield from _wrong_model(document, part.partitions.topic, where=where)
        for group in part.consumers:
            where = place(path, lines, ("topics", name, "consumers", group))
            yield from _too_long(f"{name}.{group}.retry", where=where)


def _wrong_model(document: Document, model: str, *, where: str) -> Iterator[Problem]:
    other = document.topics.get(model)
    if other is None:
        what = f"asks for the partitions of {model}, which is not in the list"
        yield Problem(where, what, "name a topic of the list")
    elif isinstance(other.partitions, SameAs):
        what = f"asks for the partitions of {model}, which has those of {other.partitions.topic}"
        yield Problem(where, what, f"write `as: {other.partitions.topic}`")


def _too_long(name: str, *, where: str) -> Iterator[Problem]:
    if len(name) > NAME_LENGTH_MAX:
        what = f"{name} is longer than the {NAME_LENGTH_MAX} characters that Kafka allows"
        yield Problem(where, what, "shorten one of the names")

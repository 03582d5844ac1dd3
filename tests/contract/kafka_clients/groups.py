"""Groups and their offsets, as tests set them up."""

from __future__ import annotations

from confluent_kafka import TopicPartition

from isthmus.kafka.clients import Producer

from .member import Member
from .subject import Subject, consumer, producer, until


def join(subject: Subject, group: str, *topics: str, instance: str | None = None) -> Member:
    """Return a new member of a group, static if it has an instance id."""
    extra = {} if instance is None else {"group_instance_id": instance}
    return Member(consumer(subject, group_id=group, **extra)).subscribe(*topics)


def own(subject: Subject, *members: Member, count: int) -> None:
    """Wait until the members read ``count`` partitions each."""
    until(subject, lambda: all(len(each.owned) == count for each in members), *members)


def open_commit(subject: Subject, group: str, *positions: TopicPartition) -> Producer:
    """Return a producer whose open transaction commits offsets of a group."""
    return _begin_commit(subject, producer(subject), group, *positions)


def commit(subject: Subject, group: str, *positions: TopicPartition) -> None:
    """Commit offsets of a group."""
    _begin_commit(subject, subject.filler, group, *positions).commit_transaction()


def _begin_commit(
    subject: Subject, writer: Producer, group: str, *positions: TopicPartition
) -> Producer:
    writer.begin_transaction()
    anonymous = consumer(subject, group_id=group).consumer_group_metadata()
    writer.send_offsets_to_transaction(list(positions), anonymous)
    return writer


def committed(
    subject: Subject, group: str, topic: str, partition: int = 0
) -> tuple[int, str | None]:
    """Return the group's offset and metadata."""
    reader = consumer(subject, group_id=group)
    (found,) = reader.committed([TopicPartition(topic, partition)], 10)
    return found.offset, found.metadata

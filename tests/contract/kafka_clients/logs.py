"""What lies in a partition, seen from outside by clients of its own."""

from __future__ import annotations

from confluent_kafka import IsolationLevel, TopicPartition
from confluent_kafka.admin import OffsetSpec  # type: ignore[attr-defined]  # exported silently

from .member import Member
from .subject import Subject, admin, consumer, until


def end(subject: Subject, topic: str, partition: int = 0, *, committed_only: bool = False) -> int:
    """Return the offset after the last record, or the last stable one."""
    level = IsolationLevel.READ_COMMITTED if committed_only else IsolationLevel.READ_UNCOMMITTED
    where = TopicPartition(topic, partition)
    # An admin client that is let go before its futures are done never finishes them.
    asker = admin(subject)
    latest = OffsetSpec.latest()  # type: ignore[no-untyped-call]
    answers = asker.list_offsets({where: latest}, isolation_level=level, request_timeout=10.0)
    (answer,) = answers.values()
    offset: int = answer.result(10).offset
    return offset


def visible(
    subject: Subject, topic: str, partition: int = 0, *, committed_only: bool = True
) -> list[bytes | None]:
    """Return the values that a reader from the beginning to the end gets."""
    level = "read_committed" if committed_only else "read_uncommitted"
    reader = Member(consumer(subject, isolation_level=level, enable_partition_eof=True))
    reader.read(TopicPartition(topic, partition, 0))
    until(subject, lambda: bool(reader.events_named("_PARTITION_EOF")), reader)
    return reader.values


def offsets(member: Member) -> list[int | None]:
    """Return the offsets of the records that a member got."""
    return [record.offset() for record in member.records]

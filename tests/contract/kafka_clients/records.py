"""Records that a test wants to find."""

from __future__ import annotations

from .subject import Subject


def fill(subject: Subject, topic: str, *values: bytes, partition: int = 0) -> None:
    """Store records, each in a transaction: two offsets apiece."""
    writer = subject.filler
    for value in values:
        writer.begin_transaction()
        writer.produce(topic, value, partition=partition)
        writer.commit_transaction()


def abort(subject: Subject, topic: str) -> None:
    """Store a record and abort it."""
    writer = subject.filler
    writer.begin_transaction()
    writer.produce(topic, b"aborted", partition=0)
    writer.flush()
    writer.abort_transaction()

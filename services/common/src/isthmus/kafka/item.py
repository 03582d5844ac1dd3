"""A received record on its way through the engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from isthmus.kafka import headers as names
from isthmus.kafka.clients import Headers, Message


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a record stood first; unchanged through retry, dead letter and replay."""

    topic: str
    partition: int
    offset: int

    @property
    def effect_id(self) -> str:
        """Name the one effect of the record."""
        return f"{self.topic}/{self.partition}/{self.offset}"


@dataclass(slots=True, eq=False)
class Item:
    """A record, where it came from, and how often it was tried.

    :param offset: its place in the log that it was read from, source or retry.
    :param due_ms: not before this time, milliseconds of the epoch.
    :param replay_id: set when an operator sent it back.
    :param release: set on a release marker: the last dead letter that the operator's tool saw.
    :param waits_since_ms: when it was parked, or failed again while parked.
    """

    origin: Origin
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    timestamp_ms: int
    is_retried: bool = False
    attempts: int = 0
    due_ms: int = 0
    first_failed_ms: int | None = None
    unsure: bool = False
    replay_id: str | None = None
    release: int | None = None
    crashed: bool = False
    tries_in_place: int = 0
    waits_since_ms: int = 0
    first_tried_ms: int = 0
    read_ms: int = 0
    lane: Any = field(default=None, repr=False)

    @property
    def lane_key(self) -> bytes:
        """Return the key whose order is kept; records without one keep order among themselves."""
        return self.key or b""


def from_source(message: Message) -> Item:
    """Take a record of the source topic."""
    offset = message.offset() or 0
    return Item(
        origin=Origin(message.topic() or "", message.partition() or 0, offset),
        offset=offset,
        key=message.key(),
        value=message.value(),
        headers=message.headers() or [],
        timestamp_ms=message.timestamp()[1],
    )


def from_retry(message: Message) -> Item:
    """Take a record of the retry topic: its origin and its attempts are in the headers."""
    raw = message.headers() or []
    values = names.last_values(raw)
    return Item(
        origin=origin_of(values, message),
        offset=message.offset() or 0,
        key=message.key(),
        value=message.value(),
        headers=raw,
        timestamp_ms=names.number(values, names.ORIGIN_TIMESTAMP) or message.timestamp()[1],
        is_retried=True,
        attempts=names.number(values, names.RETRY_ATTEMPT) or 0,
        due_ms=names.number(values, names.RETRY_NOT_BEFORE) or 0,
        first_failed_ms=names.number(values, names.FIRST_FAILED_AT),
        unsure=names.RETRY_UNSURE in values,
        replay_id=names.text(values, names.REPLAY_ID),
        release=names.number(values, names.REPLAY_RELEASE),
        waits_since_ms=message.timestamp()[1],
    )


def origin_of(values: dict[str, bytes], message: Message) -> Origin:
    """Read the origin from the headers; a record without one is its own origin."""
    topic = names.text(values, names.ORIGIN_TOPIC)
    partition = names.number(values, names.ORIGIN_PARTITION)
    offset = names.number(values, names.ORIGIN_OFFSET)
    if topic is None or partition is None or offset is None:
        return Origin(message.topic() or "", message.partition() or 0, message.offset() or 0)
    return Origin(topic, partition, offset)


def nbytes(item: Item) -> int:
    """Return what the record weighs in memory, about."""
    return weight(item.key, item.value, item.headers)


def weight(key: bytes | None, value: bytes | None, headers: Headers | None) -> int:
    """Return what a record of these parts weighs in memory, about."""
    return len(key or b"") + len(value or b"") + names.nbytes(headers) + 200

"""The names of record headers, and what may be copied from one record to the next.

Values are UTF-8 text, never binary numbers. The dead-letter family is that of KIP-1191; names that
begin with a dot there are ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from isthmus.kafka.clients import Headers

DLQ: Final = "__dlq.errors."

# The origin is written once, by the first failure, and never changes.
ORIGIN_TOPIC: Final = DLQ + "topic"
ORIGIN_PARTITION: Final = DLQ + "partition"
ORIGIN_OFFSET: Final = DLQ + "offset"
ORIGIN_GROUP: Final = DLQ + "group"
ORIGIN_TIMESTAMP: Final = DLQ + "timestamp"
FIRST_FAILED_AT: Final = DLQ + "first.failed.at"
ORIGIN: Final = frozenset(
    {ORIGIN_TOPIC, ORIGIN_PARTITION, ORIGIN_OFFSET, ORIGIN_GROUP, ORIGIN_TIMESTAMP, FIRST_FAILED_AT}
)

# The failure is replaced by each later one: histories made headers grow until nothing fitted.
DELIVERY_COUNT: Final = DLQ + "delivery.count"
MESSAGE: Final = DLQ + "message"
EXCEPTION_CLASS: Final = DLQ + "exception.class"
STAGE: Final = DLQ + "stage"
REASON_CLASS: Final = DLQ + "reason.class"
PATH: Final = DLQ + "path"
FAILED_AT: Final = DLQ + "failed.at"
SERVICE: Final = DLQ + "service"
SEQUENCE_NO: Final = DLQ + "sequence.no"
RAW_SHA256: Final = DLQ + "raw.sha256"
RAW_SIZE: Final = DLQ + "raw.size"

RETRY_ATTEMPT: Final = "retry.attempt"
RETRY_NOT_BEFORE: Final = "retry.not-before"
RETRY_CAUSE: Final = "retry.cause"
RETRY_REASON: Final = "retry.reason"
RETRY_UNSURE: Final = "retry.unsure"
RETRY: Final = frozenset({RETRY_ATTEMPT, RETRY_NOT_BEFORE, RETRY_CAUSE, RETRY_REASON, RETRY_UNSURE})

REPLAY_ID: Final = "replay.id"
REPLAY_COUNT: Final = "replay.count"
REPLAY_BY: Final = "replay.by"
REPLAY_AT: Final = "replay.at"
REPLAY_RELEASE: Final = "replay.release"  # a marker, not a record: the last sequence the tool saw

TRACEPARENT: Final = "traceparent"
TRACESTATE: Final = "tracestate"
EVENT_ID: Final = "ce_id"
EVENT_SOURCE: Final = "ce_source"

TOTAL_BYTES_MAX: Final = 16 * 1024
MESSAGE_BYTES_MAX: Final = 1024


def text(headers: Mapping[str, bytes], name: str) -> str | None:
    """Return a header as text; what is not UTF-8 is shown with replacement characters."""
    value = headers.get(name)
    return None if value is None else value.decode("utf-8", errors="replace")


def number(headers: Mapping[str, bytes], name: str) -> int | None:
    """Return a header as a whole number, or none where it is missing or not a number."""
    value = text(headers, name)
    return int(value) if value is not None and value.lstrip("-").isdigit() else None


def last_values(headers: Headers | None) -> dict[str, bytes]:
    """Return the headers by name; of a name that stands twice, the last value."""
    return {name: value for name, value in headers or () if value is not None}


def merge(original: Headers | None, ours: Mapping[str, str]) -> Headers:
    """Copy the original headers and set ours over them, within the byte limit.

    Ours are never left out: where the sum is too large, original headers that do not fit are.
    """
    merged: Headers = [(name, value.encode()[:MESSAGE_BYTES_MAX]) for name, value in ours.items()]
    size = sum(_nbytes(header) for header in merged)
    kept: Headers = []
    for header in original or ():
        if header[0] in ours:
            continue
        size += _nbytes(header)
        if size > TOTAL_BYTES_MAX:
            break
        kept.append(header)
    return kept + merged


def without(headers: Headers | None, names: Iterable[str]) -> Headers:
    """Leave out some headers."""
    unwanted = frozenset(names)
    return [header for header in headers or () if header[0] not in unwanted]


def nbytes(headers: Headers | None) -> int:
    """Return what the headers weigh."""
    return sum(_nbytes(header) for header in headers or ())


def _nbytes(header: tuple[str, bytes | None]) -> int:
    return len(header[0]) + len(header[1] or b"")

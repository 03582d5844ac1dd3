"""How a record is written when it is not done: parked, or as a dead letter."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from isthmus.core.errors import Rejected, Retryable
from isthmus.kafka import headers as names
from isthmus.kafka.clients import Headers
from isthmus.kafka.item import Item


class Stage(StrEnum):
    """Where on its way a record failed."""

    DESERIALIZE = "deserialize"
    PROCESS = "process"
    PRODUCE = "produce"
    PROCESS_CRASH = "process_crash"
    HELD = "held"
    SOURCE = "source"


class ParkCause(StrEnum):
    """Why a record waits in the retry topic."""

    OWN_FAILURE = "own-failure"
    PREDECESSOR = "predecessor"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a record was given up."""

    stage: Stage
    reason_class: str
    detail: str
    path: str = ""
    exception_class: str = ""


@dataclass(frozen=True, slots=True)
class Write:
    """One record to produce. A partition of -1 leaves the choice to the key."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    headers: Headers


HELD_BEHIND = Failure(
    stage=Stage.HELD,
    reason_class="held",
    detail="an earlier record of this key is a dead letter; replay, discard or release that first",
)
INCOMPLETE = Failure(
    stage=Stage.PROCESS,
    reason_class="fold-incomplete",
    detail="the rest of its group did not come; see that all of it was written, then replay it all",
)
CRASHED = Failure(
    stage=Stage.PROCESS_CRASH,
    reason_class="process-crash",
    detail="the process ended each time this record ran, the last time while it ran alone",
)


def failure_of(error: Exception, stage: Stage) -> Failure:
    """Describe an error. A message of an unexpected one is left out: it may quote the record."""
    if isinstance(error, Rejected):
        detail, path, reason_class = error.detail, error.path, error.reason_class
    elif isinstance(error, Retryable):
        detail, path, reason_class = error.detail, "", error.reason_class
    else:
        detail, path, reason_class = f"unexpected {type(error).__name__}", "", "bug"
    return Failure(
        stage=stage,
        reason_class=reason_class,
        detail=detail,
        path=path,
        exception_class=type(error).__qualname__,
    )


def origin_headers(item: Item, *, group: str, now_ms: int) -> dict[str, str]:
    """Return the headers that a first failure writes and that later ones keep."""
    return {
        names.ORIGIN_TOPIC: item.origin.topic,
        names.ORIGIN_PARTITION: str(item.origin.partition),
        names.ORIGIN_OFFSET: str(item.origin.offset),
        names.ORIGIN_GROUP: group,
        names.ORIGIN_TIMESTAMP: str(item.timestamp_ms),
        names.FIRST_FAILED_AT: str(item.first_failed_ms or now_ms),
    }


def parked(
    item: Item, *, topic: str, group: str, cause: ParkCause, reason: str, now_ms: int
) -> Write:
    """Write the record behind the others of its key in the retry partition that is its lock.

    :param reason: the reason class of the failure, or ``predecessor``.
    """
    ours = origin_headers(item, group=group, now_ms=now_ms)
    ours[names.RETRY_ATTEMPT] = str(item.attempts)
    ours[names.RETRY_NOT_BEFORE] = str(item.due_ms)
    ours[names.RETRY_CAUSE] = cause.value
    ours[names.RETRY_REASON] = reason
    if item.unsure:
        ours[names.RETRY_UNSURE] = "1"
    return Write(
        topic, item.origin.partition, item.key, item.value, names.merge(item.headers, ours)
    )


def dead(
    item: Item, failure: Failure, *, topic: str, group: str, sequence: int, now_ms: int
) -> Write:
    """Write the raw record with what is wrong with it."""
    ours = origin_headers(item, group=group, now_ms=now_ms)
    ours |= {
        names.DELIVERY_COUNT: str(item.attempts),
        names.MESSAGE: failure.detail,
        names.EXCEPTION_CLASS: failure.exception_class,
        names.STAGE: failure.stage.value,
        names.REASON_CLASS: failure.reason_class,
        names.PATH: failure.path,
        names.FAILED_AT: str(now_ms),
        names.SEQUENCE_NO: str(sequence),
    }
    original = names.without(item.headers, names.RETRY)
    return Write(topic, item.origin.partition, item.key, item.value, names.merge(original, ours))

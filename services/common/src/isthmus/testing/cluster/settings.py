"""The settings of librdkafka that the fake cluster heeds, and those it must refuse."""

from __future__ import annotations

from dataclasses import dataclass

from confluent_kafka import KafkaException

from isthmus.kafka.clients import Settings

from . import codes
from .errors import kafka_error

_SESSION_MIN_MS = 6000
_RESETS = {
    "earliest": "earliest",
    "beginning": "earliest",
    "smallest": "earliest",
    "latest": "latest",
    "end": "latest",
    "largest": "latest",
    "error": "error",
}


@dataclass(frozen=True)
class ConsumerSettings:
    """A consumer's settings, read."""

    group_id: str
    instance_id: str | None
    client_id: str
    committed_only: bool
    reports_end: bool
    reset: str
    session_timeout_s: float
    max_poll_interval_s: float


@dataclass(frozen=True)
class ProducerSettings:
    """A producer's settings, read."""

    transactional_id: str | None
    transaction_timeout_s: float
    max_bytes: int
    queue_limit: int
    partitioner: str


def consumer_settings(settings: Settings) -> ConsumerSettings:
    """Read a consumer's settings.

    :raises NotImplementedError: for those whose behavior is not part of the fake cluster.
    :raises KafkaException: for those that librdkafka refuses.
    """
    _refuse_what_is_missing(settings)
    session_timeout_ms = int(settings.get("session.timeout.ms", 45_000))
    max_poll_interval_ms = int(settings.get("max.poll.interval.ms", 300_000))
    if session_timeout_ms < _SESSION_MIN_MS:
        raise NotImplementedError("Apache Kafka refuses a session of less than 6 s by default")
    if max_poll_interval_ms < session_timeout_ms:
        reason = "`max.poll.interval.ms`must be >= `session.timeout.ms`"
        raise KafkaException(kafka_error(codes.INVALID_ARG, reason))
    return ConsumerSettings(
        group_id=settings["group.id"],
        instance_id=settings.get("group.instance.id"),
        client_id=settings.get("client.id", "rdkafka"),
        committed_only=settings.get("isolation.level", "read_committed") == "read_committed",
        reports_end=_is_on(settings, "enable.partition.eof", "false"),
        reset=_RESETS[settings.get("auto.offset.reset", "largest")],
        session_timeout_s=session_timeout_ms / 1000,
        max_poll_interval_s=max_poll_interval_ms / 1000,
    )


def producer_settings(settings: Settings) -> ProducerSettings:
    """Read a producer's settings."""
    return ProducerSettings(
        transactional_id=settings.get("transactional.id"),
        transaction_timeout_s=int(settings.get("transaction.timeout.ms", 60_000)) / 1000,
        max_bytes=int(settings.get("message.max.bytes", 1_000_000)),
        queue_limit=int(settings.get("queue.buffering.max.messages", 100_000)),
        partitioner=settings.get("partitioner", "consistent_random"),
    )


def _refuse_what_is_missing(settings: Settings) -> None:
    if settings.get("group.protocol", "classic") != "classic":
        raise NotImplementedError("the fake cluster knows the classic group protocol only")
    if _is_on(settings, "enable.auto.commit", "true"):
        raise NotImplementedError("the fake cluster does not commit by itself: enable.auto.commit")
    strategies = settings.get("partition.assignment.strategy", "range,roundrobin")
    if not strategies.startswith("range"):
        raise NotImplementedError(f"the fake cluster assigns by range only, not {strategies!r}")


def _is_on(settings: Settings, name: str, default: str) -> bool:
    return str(settings.get(name, default)).lower() == "true"

"""Messages of confluent-kafka: for records, for events, for delivery reports."""

from __future__ import annotations

from typing import cast

from confluent_kafka import OFFSET_INVALID, KafkaError
from confluent_kafka import Message as ClientMessage

from isthmus.kafka.clients import Message

from .partition_log import Payload, StoredRecord

_CREATE_TIME = 1


def of_record(record: StoredRecord) -> Message:
    """Return the message by which a consumer gets a record."""
    return _with_payload(record.topic, record.partition, record.offset, record.payload, None)


def of_report(where: tuple[str, int, int], payload: Payload, error: KafkaError | None) -> Message:
    """Return the message of a delivery report; the offset of a refused record is not told."""
    return _with_payload(*where, payload, error)


def of_event(error: KafkaError, topic: str, partition: int, offset: int) -> Message:
    """Return the message of an event in a partition."""
    made = ClientMessage(topic=topic, partition=partition, offset=offset, error=error)
    return cast("Message", made)


def of_client_event(error: KafkaError, topic: str | None = None) -> Message:
    """Return the message of an event of the client; its partition says 0 all the same."""
    made = ClientMessage(topic=topic, partition=0, offset=OFFSET_INVALID, error=error)
    return cast("Message", made)


def _with_payload(
    topic: str, partition: int, offset: int, payload: Payload, error: KafkaError | None
) -> Message:
    made = ClientMessage(
        topic=topic,
        partition=partition,
        offset=offset,
        key=payload.key,
        value=payload.value,
        headers=list(payload.headers) or None,
        timestamp=(_CREATE_TIME, payload.timestamp_ms),
        error=error,
    )
    return cast("Message", made)

"""The error codes that librdkafka gives itself; their names begin with an underscore there."""
# ruff: noqa: SLF001

from __future__ import annotations

from typing import Final

from confluent_kafka import KafkaError

AUTO_OFFSET_RESET: Final = KafkaError._AUTO_OFFSET_RESET
CONFLICT: Final = KafkaError._CONFLICT
FATAL: Final = KafkaError._FATAL
FENCED: Final = KafkaError._FENCED
INVALID_ARG: Final = KafkaError._INVALID_ARG
MAX_POLL_EXCEEDED: Final = KafkaError._MAX_POLL_EXCEEDED
NOENT: Final = KafkaError._NOENT
NOT_CONFIGURED: Final = KafkaError._NOT_CONFIGURED
PARTITION_EOF: Final = KafkaError._PARTITION_EOF
PURGE_QUEUE: Final = KafkaError._PURGE_QUEUE
STATE: Final = KafkaError._STATE
TIMED_OUT: Final = KafkaError._TIMED_OUT
UNKNOWN_PARTITION: Final = KafkaError._UNKNOWN_PARTITION

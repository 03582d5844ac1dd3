"""What a consumer says instead of a record, and what follows."""

from __future__ import annotations

from typing import Final

import structlog
from confluent_kafka import KafkaError, KafkaException

from isthmus.kafka.transactions import Fenced

OUT_OF_THE_GROUP: Final = frozenset(
    {
        KafkaError.FENCED_INSTANCE_ID,
        KafkaError._FATAL,  # noqa: SLF001 - librdkafka's own codes have this form
        KafkaError._MAX_POLL_EXCEEDED,  # noqa: SLF001
    }
)
# A topic that was just made is not known everywhere yet, and one that is missing may still be
# made. Until then the group hands out nothing of it, and the process is not ready.
NOT_THERE_YET: Final = frozenset({KafkaError.UNKNOWN_TOPIC_OR_PART})

log = structlog.get_logger(__name__)


def judge(error: KafkaError) -> None:
    """Let pass what mends itself.

    :raises Fenced: this process is no longer a member; it must end without closing.
    :raises KafkaException: anything else that does not go away by waiting.
    """
    if error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001
        return
    if error.fatal() or error.code() in OUT_OF_THE_GROUP:
        raise Fenced(f"this process is out of the group: {error.str()}")
    if error.code() in NOT_THERE_YET:
        log.warning("topic.missing", error=error.str(), remedy="isthmusctl topics apply")
    elif error.retriable():
        log.warning("consumer.error", error=str(error))
    else:
        raise KafkaException(error)

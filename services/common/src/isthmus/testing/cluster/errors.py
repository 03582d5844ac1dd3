"""How a refusal of the broker becomes an error of confluent-kafka."""

from __future__ import annotations

from confluent_kafka import KafkaError, KafkaException

from . import codes


class Refused(Exception):
    """The broker answers a request with an error code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class ProcessDied(BaseException):
    """A call in a process that the test has killed or stopped.

    No ``except Exception`` survives a kill, so this is none.
    """


def kafka_error(
    code: int,
    reason: str | None = None,
    *,
    fatal: bool = False,
    retriable: bool = False,
    abortable: bool = False,
) -> KafkaError:
    """Return the error object of confluent-kafka, with the flags of a transactional client."""
    if reason is None:
        reason = KafkaError(code).str()
    return KafkaError(code, reason, fatal, retriable, abortable)


def erroneous_state(reason: str) -> KafkaException:
    """Return the exception for a call that the client's state does not allow."""
    return KafkaException(kafka_error(codes.STATE, reason))

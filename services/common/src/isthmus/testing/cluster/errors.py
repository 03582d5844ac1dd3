"""How a refusal of the broker becomes an error of confluent-kafka."""

from __future__ import annotations

from typing import NoReturn, cast

from confluent_kafka import KafkaError, KafkaException

from . import codes


class Refused(Exception):
    """The broker answers a request with an error code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class ProcessDied(RuntimeError):
    """A call on a client whose process the test has killed or stopped."""


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


def raise_as_the_client_does(error: KafkaError) -> NoReturn:
    """Raise a bare ``KafkaError``, which is not a ``BaseException``.

    ``poll`` and ``flush`` of a producer do that when the client has met a fatal error: only
    ``except KafkaError`` catches it.
    """
    raise cast("Exception", error)

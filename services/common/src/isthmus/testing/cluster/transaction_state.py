"""Which calls a producer allows, and the error that has ended its transaction or itself."""

from __future__ import annotations

from enum import Enum

from confluent_kafka import KafkaError, KafkaException

from . import codes
from .errors import erroneous_state, kafka_error


class State(Enum):
    """Where a transactional producer stands, by librdkafka's names."""

    INIT = "Init"
    READY = "Ready"
    IN_TRANSACTION = "InTransaction"
    COMMIT_UNKNOWN = "BeginCommit"
    ABORTABLE = "AbortableError"
    FATAL = "FatalError"


class TransactionState:
    """The state of one producer; one without a transactional id may always produce."""

    def __init__(self, *, transactional: bool) -> None:
        self.now = State.INIT
        self._transactional = transactional
        self._error: KafkaError | None = None
        self._unreported: KafkaError | None = None

    def move(self, state: State) -> None:
        """Go on to ``state``; an abortable error is over with that."""
        self.now = state
        self._error = None

    def fail(self, error: KafkaError) -> None:
        """Let an error end the transaction, or the producer, by its flags."""
        if not self._transactional:
            return
        if error.fatal():
            self.now, self._error, self._unreported = State.FATAL, error, error
        elif error.txn_requires_abort():
            self.now, self._error = State.ABORTABLE, error

    def take_fatal(self) -> KafkaError | None:
        """Return the fatal error once: the client reports it with the next poll or flush."""
        error, self._unreported = self._unreported, None
        return error

    def require(self, *wanted: State) -> None:
        """Let a call pass that is allowed now.

        :raises KafkaException: if it is not, with the error that is the reason.
        """
        if self.now in wanted:
            return
        if self._error is not None:
            raise KafkaException(self._error)
        if self.now is State.COMMIT_UNKNOWN:
            raise NotImplementedError(
                "the outcome of the commit is unknown: discard this producer or commit again"
            )
        raise erroneous_state(f"Operation not valid in state {self.now.value}")

    def require_producing(self) -> None:
        """Let ``produce`` pass if it is allowed now.

        :raises KafkaException: if it is not; the reason is not told here.
        """
        if self.now is State.FATAL:
            reason = "Unable to produce message: Local: Fatal error"
            raise KafkaException(kafka_error(codes.FATAL, reason))
        if self._transactional and self.now is not State.IN_TRANSACTION:
            raise erroneous_state("Unable to produce message: Local: Erroneous state")

"""One transactional producer, replaced whenever its state is in doubt.

librdkafka speaks the older transaction protocol: an answer that comes late can hit a later
transaction of the same producer. So a producer of which any call timed out or failed is never
used again. A new one with the same id settles the old transaction; the committed offsets then
tell how it ended.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import structlog
from confluent_kafka import KafkaError, KafkaException, TopicPartition

from isthmus.kafka.clients import Clients, Producer, Settings
from isthmus.kafka.letters import Write
from isthmus.kafka.promise import Promise
from isthmus.kafka.traced import causes
from isthmus.ops.clock import Clock
from isthmus.ops.tracing import NoTracing, Tracing

ATTEMPTS_MAX: Final = 5
FENCED: Final = frozenset(
    {
        KafkaError._FENCED,  # noqa: SLF001 - librdkafka's own codes have this form
        KafkaError._FATAL,  # noqa: SLF001 - what a fenced client answers to every later call
        KafkaError.FENCED_INSTANCE_ID,
        KafkaError.PRODUCER_FENCED,
        KafkaError.INVALID_PRODUCER_EPOCH,
    }
)
NOT_A_MEMBER: Final = frozenset(
    {
        KafkaError.UNKNOWN_MEMBER_ID,
        KafkaError.ILLEGAL_GENERATION,
        KafkaError.REBALANCE_IN_PROGRESS,
    }
)

log = structlog.get_logger(__name__)


class End(StrEnum):
    """How a transaction ended; the word is a metric label."""

    COMMITTED = "committed"
    ABORTED = "aborted"
    RECOVERED = "recovered"  # its answer was lost; it turned out to be committed


Told = Callable[[End, Sequence[Write]], None]


def nobody(_end: End, _writes: Sequence[Write]) -> None:
    """Be told, and do nothing."""


class Fenced(Exception):
    """Another process took this slot, or the broker took it from us: end without closing."""


class NotCommitted(Exception):
    """The transaction could not be committed within its attempts."""


@dataclass(frozen=True, slots=True)
class Offsets:
    """The positions that a transaction moves, and the right to move them."""

    positions: Sequence[TopicPartition]
    group_metadata: Callable[[], Any]


class Transactions:
    """Commits batches of writes, each wholly or not at all.

    :param told: is told how each ended.
    :param promise: where the calls that may hang say until when they will be back.
    """

    def __init__(
        self,
        *,
        clients: Clients,
        settings: Settings,
        clock: Clock,
        call_timeout_s: float,
        told: Told = nobody,
        tracing: Tracing | None = None,
        promise: Promise | None = None,
    ) -> None:
        self._clients = clients
        self._settings = settings
        self._clock = clock
        self._timeout_s = call_timeout_s
        self._told = told
        self._tracing = tracing or NoTracing()
        self._promise = promise or Promise(clock)
        self._producer: Producer | None = None
        self.replaced = 0

    def open(self) -> None:
        """Fence whoever held this transactional id before, and settle what it left open.

        :raises Fenced: somebody else is faster, again and again.
        :raises NotCommitted: Kafka does not answer, or is still ending the former transaction, in
            several attempts.
        """
        for attempt in range(1, ATTEMPTS_MAX + 1):
            try:
                self._replace()
            except KafkaException as error:
                log.warning("transaction.unsettled", attempt=attempt, error=str(error.args[0]))
            else:
                return
        raise NotCommitted(
            f"no producer could be opened in {ATTEMPTS_MAX} attempts: is Kafka reachable?"
        )

    def _replace(self) -> None:
        self._producer = None  # the old one is destroyed before the new one begins
        producer = self._clients.producer(self._settings)
        try:
            with self._promise.within(self._timeout_s):
                producer.init_transactions(self._timeout_s)
        except KafkaException as error:
            raise _judged(error) from error
        self._producer = producer

    def commit(
        self,
        writes: Sequence[Write],
        *,
        offsets: Offsets | None,
        was_committed: Callable[[], bool],
    ) -> None:
        """Write the records and move the offsets in one transaction.

        :param was_committed: looks up how a transaction of unknown outcome ended; asked after its
            producer was replaced, so that it has ended.
        :raises Fenced: this process no longer owns what it wrote for.
        :raises NotCommitted: nothing was written, in several attempts.
        """
        with self._tracing.span(
            "transaction commit",
            links=causes(write.headers for write in writes) if self._tracing.is_on else (),
            attributes={"messaging.batch.message_count": len(writes)},
        ):
            self._commit(writes, offsets, was_committed)

    def _commit(
        self,
        writes: Sequence[Write],
        offsets: Offsets | None,
        was_committed: Callable[[], bool],
    ) -> None:
        for attempt in range(1, ATTEMPTS_MAX + 1):
            try:
                self._try(writes, offsets)
            except KafkaException as error:
                judged = _judged(error)
                if isinstance(judged, Fenced):
                    raise judged from error
                log.warning("transaction.in-doubt", attempt=attempt, error=str(error.args[0]))
                self.replaced += 1
                self.open()
                if was_committed():
                    self._told(End.RECOVERED, writes)
                    return
                self._told(End.ABORTED, writes)
            else:
                self._told(End.COMMITTED, writes)
                return
        raise NotCommitted(f"the transaction failed {ATTEMPTS_MAX} times; see the log before this")

    def close(self) -> None:
        """Destroy the producer; an open transaction is settled by the next owner of the id."""
        self._producer = None

    def _try(self, writes: Sequence[Write], offsets: Offsets | None) -> None:
        if self._producer is None:
            self._replace()
        producer = self._producer
        assert producer is not None
        failures: list[KafkaError] = []

        def delivered(error: KafkaError | None, _message: object) -> None:
            if error is not None:
                failures.append(error)

        producer.begin_transaction()
        for write in writes:
            self._produce(producer, write, delivered)
        if offsets is not None:
            # Last, right before the commit: an owner stopped in between keeps its successor
            # waiting for the whole time-out of the transaction.
            with self._promise.within(self._timeout_s):
                producer.send_offsets_to_transaction(
                    list(offsets.positions), offsets.group_metadata(), self._timeout_s
                )
        with self._promise.within(self._timeout_s):
            producer.commit_transaction(self._timeout_s)
        if failures:
            raise KafkaException(failures[0])

    def _produce(self, producer: Producer, write: Write, delivered: Callable[..., None]) -> None:
        deadline = self._clock.monotonic() + self._timeout_s
        while True:
            try:
                producer.produce(
                    write.topic,
                    value=write.value,
                    key=write.key,
                    partition=write.partition,
                    on_delivery=delivered,
                    headers=write.headers,
                )
            except BufferError:
                if self._clock.monotonic() > deadline:
                    raise KafkaException(_timed_out()) from None
                producer.poll(0.05)
            else:
                return


def _judged(error: KafkaException) -> Exception:
    cause = error.args[0]
    if isinstance(cause, KafkaError):
        if cause.code() in FENCED or cause.fatal():
            return Fenced(f"this slot belongs to another process: {cause.str()}")
        if cause.code() in NOT_A_MEMBER:
            return Fenced(f"the group went on without this process: {cause.str()}")
    return error


def _timed_out() -> KafkaError:
    return KafkaError(KafkaError._TIMED_OUT)  # noqa: SLF001 - librdkafka's own code

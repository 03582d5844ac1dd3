"""The producer of the fake cluster, transactional or idempotent."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from functools import partial
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message, TopicPartition

from isthmus.kafka.clients import Delivered, Headers

from . import codes
from .broker import Broker
from .errors import Refused, erroneous_state, kafka_error, raise_as_the_client_does
from .group_metadata import decode
from .offsets import Committed
from .partition_log import Outcome, Payload
from .partitioner import Partitioner
from .process import Fault, Process, client_call
from .settings import ProducerSettings
from .transactions import Session
from .wire_size import client_bytes

_BY_PARTITIONER = -1
# Refusals of a request that end the transaction; a fenced producer ends altogether.
_FATAL = {codes.FENCED}


class _State(Enum):
    INIT = "Init"
    READY = "Ready"
    IN_TRANSACTION = "InTransaction"
    ABORTABLE = "AbortableError"
    FATAL = "FatalError"


class FakeProducer:
    """Behaves as ``confluent_kafka.Producer`` does; what it produces is at the broker at once."""

    def __init__(self, broker: Broker, settings: ProducerSettings) -> None:
        self.process = Process(broker)
        self._broker = broker
        self._settings = settings
        self._partitioner = Partitioner(settings.partitioner)
        self._session: Session | None = None
        self._state = _State.INIT
        self._error: KafkaError | None = None
        self._fatal_event: KafkaError | None = None
        self._reports: list[Callable[[], None]] = []
        self._touched = False

    @client_call
    def init_transactions(self, timeout: float = -1) -> None:
        """Take the transactional id over: its former owner is fenced, its transaction aborted."""
        self._check_fatal()
        if self._settings.transactional_id is None:
            reason = "The Transactional API requires transactional.id to be configured"
            raise KafkaException(kafka_error(codes.NOT_CONFIGURED, reason))
        if self._state is not _State.INIT:
            raise NotImplementedError("a second init_transactions() on one producer")
        self._session = self._broker.transactions.start(
            self._settings.transactional_id, self._settings.transaction_timeout_s, self._broker.now
        )
        self._state = _State.READY

    @client_call
    def begin_transaction(self) -> None:
        """Begin a transaction; the broker hears of it with the first record or offset."""
        self._check_state(_State.READY)
        self._state, self._touched = _State.IN_TRANSACTION, False

    @client_call
    def produce(  # noqa: PLR0917 - the signature of the original
        self,
        topic: str,
        value: bytes | None = None,
        key: bytes | None = None,
        partition: int = _BY_PARTITIONER,
        on_delivery: Delivered | None = None,
        timestamp: int = 0,
        headers: Headers | None = None,
    ) -> None:
        """Send a record; its report comes in ``poll``, ``flush`` or ``commit_transaction``.

        :raises KafkaException: if it is larger than ``message.max.bytes``, or the state forbids it.
        :raises BufferError: if too many reports wait to be polled.
        """
        self._check_may_produce()
        payload = Payload(key, value, headers or [], timestamp or self._broker.now_ms)
        if client_bytes(key, value, payload.headers) > self._settings.max_bytes:
            reason = "Unable to produce message: Broker: Message size too large"
            raise KafkaException(kafka_error(KafkaError.MSG_SIZE_TOO_LARGE, reason))
        if len(self._reports) >= self._settings.queue_limit:
            raise BufferError("Local: Queue full")
        self._send(topic, self._place(topic, key, partition), payload, on_delivery)

    @client_call
    def poll(self, timeout: float = -1) -> int:
        """Serve the delivery reports and return how many there were.

        :raises KafkaError: once, when the producer has met a fatal error.
        """
        return self._serve()

    @client_call
    def flush(self, timeout: float = -1) -> int:
        """Serve the delivery reports and return how many are left: none.

        :raises KafkaError: once, when the producer has met a fatal error.
        """
        self._serve()
        return 0

    @client_call
    def send_offsets_to_transaction(
        self, positions: list[TopicPartition], group_metadata: Any, timeout: float = -1
    ) -> None:
        """Commit offsets of a group with this transaction.

        :raises KafkaException: abortable if the group or its offsets refuse, fatal if fenced.
        """
        self._check_state(_State.IN_TRANSACTION)
        offsets = {
            (each.topic, each.partition): Committed(each.offset, each.metadata or "")
            for each in positions
            if each.offset >= 0
        }
        if not offsets:
            return
        group = self._broker.group(decode(group_metadata).group_id)
        with_broker = partial(self._broker.transactions.join_group, self._owned(), group.offsets)
        try:
            transaction = with_broker(self._broker.now)
            self._touched = True
            group.check_commit(decode(group_metadata))
            group.offsets.hold(transaction, offsets)
        except Refused as refused:
            raise self._fail(refused, "Failed to commit offsets to transaction") from None

    @client_call
    def commit_transaction(self, timeout: float = -1) -> None:
        """Commit: records and offsets become visible together.

        :raises KafkaException: abortable if a record was refused, fatal if fenced.
        """
        self._check_state(_State.IN_TRANSACTION)
        self._serve_reports()
        self._end(Outcome.COMMITTED)

    @client_call
    def abort_transaction(self, timeout: float = -1) -> None:
        """Abort: records stay hidden, offsets vanish.

        :raises KafkaException: fatal if fenced.
        """
        if self._state is not _State.ABORTABLE:
            self._check_state(_State.IN_TRANSACTION)
        self._serve_reports()
        self._end(Outcome.ABORTED)

    def __len__(self) -> int:
        return len(self._reports)

    def met(self, call: str, fault: Fault) -> None:
        """Note an error that was planned for a call, with its flags."""
        error = fault.error.args[0] if isinstance(fault.error, KafkaException) else None
        if error is not None and error.fatal():
            self._state, self._error, self._fatal_event = _State.FATAL, error, error
        elif error is not None and error.txn_requires_abort():
            self._state, self._error = _State.ABORTABLE, error

    def stop(self) -> None:
        """Stop the process: no call."""
        self.process.running = False

    def wake(self) -> None:
        """Let a stopped process go on where it stood."""
        self.process.running = True

    def _place(self, topic: str, key: bytes | None, partition: int) -> int:
        if partition != _BY_PARTITIONER:
            return partition
        found = self._broker.topics.find(topic)
        return self._partitioner.choose(key, len(found.partitions)) if found else 0

    def _send(
        self, topic: str, partition: int, payload: Payload, on_delivery: Delivered | None
    ) -> None:
        error, offset = None, -1001
        self._touched = True
        try:
            offset = self._broker.store(self._session, topic, partition, payload).offset
        except Refused as refused:
            what = f"ProduceRequest for {topic} [{partition}] with 1 message(s) failed"
            self._fail(refused, what)
            error = kafka_error(refused.code)
        message = Message(
            topic=topic,
            partition=partition,
            offset=offset,
            key=payload.key,
            value=payload.value,
            headers=list(payload.headers),
            timestamp=(1, payload.timestamp_ms),
            error=error,
        )
        self._reports.append(partial(on_delivery or _ignore, error, message))

    def _serve(self) -> int:
        served = self._serve_reports()
        if self._fatal_event is not None:
            error, self._fatal_event = self._fatal_event, None
            raise_as_the_client_does(error)
        return served

    def _serve_reports(self) -> int:
        reports, self._reports = self._reports, []
        for report in reports:
            report()
        return len(reports)

    def _end(self, outcome: Outcome) -> None:
        try:
            if self._touched:
                self._broker.transactions.end(self._owned(), outcome, self._broker.now)
        except Refused as refused:
            raise self._fail(refused, "Failed to end transaction") from None
        self._state, self._error = _State.READY, None

    def _fail(self, refused: Refused, what: str) -> KafkaException:
        reason = f"{what}: {kafka_error(refused.code).str()}"
        fatal = refused.code in _FATAL
        error = kafka_error(refused.code, reason, fatal=fatal, abortable=not fatal)
        if self._session is not None:
            self._error = error
            self._state = _State.FATAL if fatal else _State.ABORTABLE
            self._fatal_event = error if fatal else None
        return KafkaException(error)

    def _check_may_produce(self) -> None:
        if self._state is _State.FATAL:
            reason = "Unable to produce message: Local: Fatal error"
            raise KafkaException(kafka_error(codes.FATAL, reason))
        transactional = self._settings.transactional_id is not None
        if transactional and self._state is not _State.IN_TRANSACTION:
            raise erroneous_state("Unable to produce message: Local: Erroneous state")

    def _check_state(self, wanted: _State) -> None:
        self._check_fatal()
        if self._state is _State.ABORTABLE:
            raise KafkaException(self._error)
        if self._state is not wanted:
            raise erroneous_state(f"Operation not valid in state {self._state.value}")

    def _check_fatal(self) -> None:
        if self._state is _State.FATAL:
            raise KafkaException(self._error)

    def _owned(self) -> Session:
        assert self._session is not None
        return self._session


def _ignore(error: KafkaError | None, message: Message) -> None:
    """Take a report that nobody asked for."""

"""The producer of the fake cluster, transactional or idempotent."""

from __future__ import annotations

from collections import deque
from typing import Any

from confluent_kafka import KafkaError, KafkaException, TopicPartition

from isthmus.kafka.clients import Delivered, Headers

from . import codes
from .broker import Broker
from .errors import Refused, kafka_error
from .group_metadata import decode
from .offsets import Committed
from .outbox import Outbox
from .partition_log import Outcome, Payload
from .partitioner import Partitioner
from .process import Fault, Process, client_call
from .range_assignor import Partition
from .settings import ProducerSettings
from .transaction_state import State, TransactionState
from .transactions import Session
from .wire_size import client_bytes

_BY_PARTITIONER = -1
_TIMEOUT_MAX_S = 900
_FATAL = {codes.FENCED, KafkaError.INVALID_TRANSACTION_TIMEOUT}


class FakeProducer:
    """Behaves as ``confluent_kafka.Producer`` does; what it produces is at the broker at once."""

    def __init__(self, broker: Broker, settings: ProducerSettings) -> None:
        self.process = Process(broker)
        self._broker = broker
        self._settings = settings
        self._partitioner = Partitioner(settings.partitioner)
        self._state = TransactionState(transactional=settings.transactional_id is not None)
        self._outbox = Outbox(settings.queue_limit)
        self._session: Session | None = None
        self._touched = False
        self._gaps: set[Partition] = set()
        self._refusals: deque[int] = deque()

    @client_call
    def init_transactions(self, timeout: float = -1) -> None:
        """Take the transactional id over: its former owner is fenced, its transaction aborted."""
        if self._settings.transactional_id is None:
            reason = "The Transactional API requires transactional.id to be configured"
            raise KafkaException(kafka_error(codes.NOT_CONFIGURED, reason))
        self._state.require(State.INIT)
        if self._settings.transaction_timeout_s > _TIMEOUT_MAX_S:
            what = "Failed to acquire transactional PID"
            raise self._fail(KafkaError.INVALID_TRANSACTION_TIMEOUT, what)
        self._session = self._broker.transactions.start(
            self._settings.transactional_id, self._settings.transaction_timeout_s, self._broker.now
        )
        self._state.move(State.READY)

    @client_call
    def begin_transaction(self) -> None:
        """Begin a transaction; the broker hears of it with the first record or offset."""
        self._state.require(State.READY)
        self._state.move(State.IN_TRANSACTION)
        self._touched = False

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
        self._state.require_producing()
        payload = Payload(key, value, headers or [], timestamp or self._broker.now_ms)
        if client_bytes(key, value, payload.headers) > self._settings.max_bytes:
            reason = "Unable to produce message: Broker: Message size too large"
            raise KafkaException(kafka_error(KafkaError.MSG_SIZE_TOO_LARGE, reason))
        self._outbox.check_room()
        self._send((topic, self._place(topic, key, partition)), payload, on_delivery)

    @client_call
    def poll(self, timeout: float = -1) -> int:
        """Serve the delivery reports and return how many there were.

        :raises KafkaException: once, when the producer has met a fatal error.
        :raises SystemError: instead of that, if delivery callbacks wait at the same time.
        """
        return self._serve()

    @client_call
    def flush(self, timeout: float = -1) -> int:
        """Serve the delivery reports and return how many are left: none.

        :raises KafkaException: as ``poll`` does.
        :raises SystemError: as ``poll`` does.
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
        self._state.require(State.IN_TRANSACTION)
        offsets = {
            (each.topic, each.partition): Committed(each.offset, each.metadata or "")
            for each in positions
            if each.offset >= 0
        }
        if not offsets:
            return
        self._touched = True
        try:
            self._broker.hold_offsets(self._owned(), decode(group_metadata), offsets)
        except Refused as refused:
            raise self._fail(refused.code, "Failed to commit offsets to transaction") from None

    @client_call
    def commit_transaction(self, timeout: float = -1) -> None:
        """Commit: records and offsets become visible together.

        :raises KafkaException: abortable if a record was refused, fatal if fenced.
        """
        if self._state.now is State.COMMIT_UNKNOWN:
            self._state.move(State.IN_TRANSACTION)
        self._state.require(State.IN_TRANSACTION)
        self._outbox.serve()
        self._end(Outcome.COMMITTED)

    @client_call
    def abort_transaction(self, timeout: float = -1) -> None:
        """Abort: records stay hidden, offsets vanish.

        :raises KafkaException: fatal if fenced.
        """
        self._state.require(State.IN_TRANSACTION, State.ABORTABLE)
        self._outbox.serve()
        self._end(Outcome.ABORTED)

    def __len__(self) -> int:
        return len(self._outbox)

    def met(self, call: str, fault: Fault) -> None:
        """Note an error that was planned for a call, with its flags."""
        error = fault.error.args[0] if isinstance(fault.error, KafkaException) else None
        if error is None:
            return
        self._state.fail(error)
        if call == "commit_transaction" and not (error.fatal() or error.txn_requires_abort()):
            self._touched = self._touched and not fault.after_effect
            self._state.move(State.COMMIT_UNKNOWN)

    def refuse_next(self, code: int) -> None:
        """Let the broker refuse the next record."""
        self._refusals.append(code)

    def _place(self, topic: str, key: bytes | None, partition: int) -> int:
        found = self._broker.topics.find(topic)
        if found is None:
            raise NotImplementedError(f"produce to {topic}, which is not there: librdkafka waits")
        if partition != _BY_PARTITIONER:
            return partition
        return self._partitioner.choose(key, len(found.partitions))

    def _send(self, where: Partition, payload: Payload, on_delivery: Delivered | None) -> None:
        error, offset = None, -1001
        self._touched = True
        try:
            offset = self._store(where, payload)
        except Refused as refused:
            error = kafka_error(self._refusal(where, refused))
        self._outbox.add((*where, offset), payload, error, on_delivery)

    def _store(self, where: Partition, payload: Payload) -> int:
        if where in self._gaps:
            # The refused record has used up a sequence number that the broker still waits for.
            raise Refused(KafkaError.OUT_OF_ORDER_SEQUENCE_NUMBER)
        if self._refusals:
            raise Refused(self._refusals.popleft())
        return self._broker.store(self._session, *where, payload).offset

    def _refusal(self, where: Partition, refused: Refused) -> int:
        topic, partition = where
        if refused.code == KafkaError.OUT_OF_ORDER_SEQUENCE_NUMBER:
            self._fail(refused.code, "skipped sequence numbers")
            # The abort now ends in a new epoch, in which the numbers begin anew.
            self._gaps.clear()
            return codes.PURGE_QUEUE
        self._fail(refused.code, f"ProduceRequest for {topic} [{partition}] failed")
        if refused.code == codes.FENCED:
            return KafkaError.INVALID_PRODUCER_EPOCH
        if self._session is not None:
            self._gaps.add(where)
        return refused.code

    def _serve(self) -> int:
        fatal = self._state.take_fatal()
        if fatal is not None:
            self._outbox.serve_with(fatal)
        return self._outbox.serve()

    def _end(self, outcome: Outcome) -> None:
        try:
            if self._touched:
                self._broker.transactions.end(self._owned(), outcome, self._broker.now)
        except Refused as refused:
            raise self._fail(refused.code, "Failed to end transaction") from None
        self._state.move(State.READY)

    def _fail(self, code: int, what: str) -> KafkaException:
        fatal = code in _FATAL
        reason = f"{what}: {kafka_error(code).str()}"
        error = kafka_error(code, reason, fatal=fatal, abortable=not fatal)
        self._state.fail(error)
        return KafkaException(error)

    def _owned(self) -> Session:
        assert self._session is not None
        return self._session

"""The consumer of the fake cluster."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from functools import partial

from confluent_kafka import KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import ClusterMetadata  # type: ignore[attr-defined]  # exported without saying so

from isthmus.kafka.clients import Message, Rebalanced

from . import codes
from .broker import Broker
from .errors import Refused, erroneous_state, kafka_error
from .fetcher import Fetcher
from .group_metadata import encode
from .membership import Membership, Step
from .messages import of_client_event
from .metadata import cluster_metadata
from .process import Fault, Process, client_call
from .rebalancer import Rebalancer
from .settings import ConsumerSettings

_EAGER = (
    "Changes to the current assignment must be made using assign() "
    "when rebalance protocol type is EAGER"
)


class FakeConsumer:
    """Behaves as ``confluent_kafka.Consumer`` does in a classic group."""

    def __init__(self, broker: Broker, settings: ConsumerSettings, *, auto_advance: bool) -> None:
        self.process = Process(broker)
        self._broker = broker
        self._settings = settings
        self._auto_advance = auto_advance
        self._membership = Membership(broker, settings)
        self._fetcher = Fetcher(broker, settings)
        self._rebalancer = Rebalancer(self._membership, self._fetcher, self.report)
        self._events: deque[Message] = deque()
        self._missing: set[str] = set()
        self._closed = False

    @client_call
    def subscribe(
        self,
        topics: list[str],
        *,
        on_assign: Rebalanced,
        on_revoke: Rebalanced,
        on_lost: Rebalanced,
    ) -> None:
        """Join the group for ``topics``; the callbacks run inside ``consume``."""
        self._check_open()
        callbacks = {Step.ASSIGN: on_assign, Step.REVOKE: on_revoke, Step.LOSE: on_lost}
        self._rebalancer.subscribe(
            topics, {step: partial(call, self) for step, call in callbacks.items()}
        )
        self._missing = set(topics)
        self._membership.polled()

    @client_call
    def consume(self, num_messages: int = 1, timeout: float = -1) -> Sequence[Message]:
        """Serve the group, then return what there is; never wait in real time.

        :raises NotImplementedError: if there is nothing and the caller would wait for ever.
        """
        self._check_open()
        messages = self._poll(num_messages)
        if messages:
            return messages
        if timeout < 0:
            raise NotImplementedError("nothing to consume, and no time-out: this waits for ever")
        if not self._auto_advance:
            return []
        self._broker.time.pass_by(timeout)
        self._broker.catch_up()
        return self._poll(num_messages)

    @client_call
    def assign(self, partitions: list[TopicPartition]) -> None:
        """Read these partitions and no others."""
        self._check_open()
        if self._membership.fenced:
            raise NotImplementedError("assign() on a fenced consumer, which reads nothing any more")
        self._rebalancer.assigned_by_application()
        self._fetcher.assign(partitions)

    @client_call
    def unassign(self) -> None:
        """Read nothing."""
        self._check_open()
        self._rebalancer.assigned_by_application()
        self._fetcher.assign([])

    @client_call
    def incremental_assign(self, partitions: list[TopicPartition]) -> None:
        """Read these partitions too; not for members of a group with eager rebalances."""
        self._change(self._fetcher.add, partitions)

    @client_call
    def incremental_unassign(self, partitions: list[TopicPartition]) -> None:
        """Read these partitions no longer; not for members of a group with eager rebalances."""
        self._change(self._fetcher.remove, partitions)

    @client_call
    def assignment(self) -> list[TopicPartition]:
        """Return the partitions that are read."""
        self._check_open()
        return self._fetcher.assignment()

    @client_call
    def pause(self, partitions: list[TopicPartition]) -> None:
        """Stop delivering from partitions until ``resume``, whatever happens in between."""
        self._check_open()
        self._fetcher.pause(partitions)

    @client_call
    def resume(self, partitions: list[TopicPartition]) -> None:
        """Deliver from partitions again."""
        self._check_open()
        self._fetcher.resume(partitions)

    @client_call
    def seek(self, partition: TopicPartition) -> None:
        """Read on from another offset.

        :raises KafkaException: if the partition is not read, or its start is not known yet.
        """
        self._check_open()
        try:
            self._fetcher.seek(partition)
        except Refused as refused:
            what = f"Failed to seek to offset {partition.offset}"
            reason = f"{what}: {kafka_error(refused.code).str()}"
            raise KafkaException(kafka_error(refused.code, reason)) from None

    @client_call
    def position(self, partitions: list[TopicPartition]) -> list[TopicPartition]:
        """Return the offsets after what was delivered, control and aborted records passed."""
        self._check_open()
        return [
            TopicPartition(each.topic, each.partition, self._fetcher.position(each))
            for each in partitions
        ]

    @client_call
    def committed(
        self, partitions: list[TopicPartition], timeout: float = -1
    ) -> list[TopicPartition]:
        """Return the group's offsets with their metadata.

        :raises KafkaException: if one is not stable within ``timeout``.
        """
        self._check_open()
        if not self._stable(partitions) and self._auto_advance and timeout > 0:
            self._broker.time.pass_by(timeout)
            self._broker.catch_up()
        if not self._stable(partitions):
            reason = "Failed to get committed offsets: Local: Timed out"
            raise KafkaException(kafka_error(codes.TIMED_OUT, reason))
        return [self._committed(each) for each in partitions]

    @client_call
    def list_topics(self, topic: str | None = None, timeout: float = -1) -> ClusterMetadata:
        """Return all topics, or one, with their partitions."""
        self._check_open()
        return cluster_metadata(self._broker, topic)

    @client_call
    def get_watermark_offsets(
        self, partition: TopicPartition, timeout: float = -1, cached: bool = False
    ) -> tuple[int, int] | None:
        """Return the first offset and the end: the last stable one, or if cached the last seen.

        :raises KafkaException: if there is no such partition.
        """
        self._check_open()
        if cached:
            high = self._fetcher.high_watermark(partition)
            return (-1001, -1001) if high is None else (0, high)
        try:
            log = self._broker.topics.log(partition.topic, partition.partition)
        except Refused as refused:
            reason = "Failed to get watermark offsets: Local: Unknown partition"
            raise KafkaException(kafka_error(refused.code, reason)) from None
        return log.start_offset, log.end(committed_only=self._settings.committed_only)

    @client_call
    def consumer_group_metadata(self) -> bytes:
        """Return the member and generation of this moment, for a transaction."""
        self._check_open()
        return encode(self._membership.metadata)

    @client_call
    def memberid(self) -> str | None:
        """Return the member id, or None before the first join."""
        self._check_open()
        return self._membership.member_id or None

    @client_call
    def close(self) -> None:
        """Give the partitions up; a dynamic member also leaves the group."""
        if self._closed:
            return
        try:
            self._rebalancer.revoke()
        finally:
            self._membership.close(self._broker.now)
            self._closed = True

    def met(self, call: str, fault: Fault) -> None:
        """Note an error that was planned for a call: it changes nothing in a consumer."""

    def report(self, error: KafkaError) -> None:
        """Let ``consume`` give an event of the client."""
        self._events.append(of_client_event(error))

    def fall_silent(self) -> None:
        """Stop the heartbeats, because the process has stopped."""
        self._membership.fall_silent(self._broker.now)

    def speak_again(self) -> None:
        """Take the heartbeats up again, because the process goes on."""
        self._membership.speak_again()

    def next_deadline(self) -> float | None:
        """Return when the application will have been away from ``consume`` for too long."""
        return self._membership.poll_deadline if self.process.running else None

    def expire(self, now: float) -> None:
        """Leave the group if the application has not polled in time."""
        deadline = self.next_deadline()
        if deadline is None or deadline > now:
            return
        self._membership.leave_late(now)
        interval_ms = round(self._settings.max_poll_interval_s * 1000)
        reason = f"Application maximum poll interval ({interval_ms}ms) exceeded by 0ms"
        self.report(kafka_error(codes.MAX_POLL_EXCEEDED, reason))

    def _poll(self, limit: int) -> list[Message]:
        self._membership.polled()
        self._report_missing_topics()
        self._rebalancer.serve()
        messages = [self._events.popleft() for _ in range(min(limit, len(self._events)))]
        if len(messages) < limit:
            messages += self._fetcher.fetch(limit - len(messages))
        return messages

    def _report_missing_topics(self) -> None:
        for topic in sorted(self._missing):
            if self._broker.topics.find(topic) is None:
                reason = f"Subscribed topic not available: {topic}: "
                error = kafka_error(
                    KafkaError.UNKNOWN_TOPIC_OR_PART, reason + "Broker: Unknown topic or partition"
                )
                self._events.append(of_client_event(error, topic))
        self._missing = set()

    def _stable(self, partitions: list[TopicPartition]) -> bool:
        keys = [(each.topic, each.partition) for each in partitions]
        offsets = self._broker.group(self._settings.group_id).offsets
        return not (self._settings.committed_only and offsets.undecided(keys))

    def _committed(self, partition: TopicPartition) -> TopicPartition:
        key = partition.topic, partition.partition
        found = self._broker.group(self._settings.group_id).offsets.committed(key)
        return TopicPartition(*key) if found is None else found.at(key)

    def _change(
        self, how: Callable[[list[TopicPartition]], None], partitions: list[TopicPartition]
    ) -> None:
        self._check_open()
        if self._membership.eager:
            raise erroneous_state(_EAGER)
        try:
            how(partitions)
        except Refused as refused:
            raise KafkaException(kafka_error(refused.code)) from None

    def _check_open(self) -> None:
        if self._closed:
            raise RuntimeError("Consumer closed")

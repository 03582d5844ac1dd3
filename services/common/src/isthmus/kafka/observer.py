"""What the loop of a stage or a sink tells Prometheus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Final

from confluent_kafka import TopicPartition

from isthmus.kafka.clients import Message
from isthmus.kafka.gauges import Gauges
from isthmus.kafka.item import Item
from isthmus.kafka.lane import Decision, Lane
from isthmus.kafka.letters import Stage, Write
from isthmus.kafka.ownership import Ownership
from isthmus.kafka.traced import causes
from isthmus.kafka.transactions import End
from isthmus.ops.clock import Clock
from isthmus.ops.health import Heartbeat
from isthmus.ops.histograms import observe_all
from isthmus.ops.metrics import Metrics
from isthmus.ops.tracing import Tracing

GAUGES_EVERY_S: Final = 1.0
REBALANCES: Final = ("assign", "revoke", "lost")


@dataclass(slots=True)
class Observer:
    """Turns what happened in the loop into metrics; decides nothing."""

    metrics: Metrics
    group: str
    clock: Clock
    heartbeat: Heartbeat
    gauges: Gauges
    tracing: Tracing
    _told: dict[int, Counter[Decision]] = field(default_factory=dict)
    _dead: dict[str, str] = field(default_factory=dict)
    _gauged_at: float = 0.0
    _replaced: int = 0

    def __post_init__(self) -> None:
        """Tell the age of the loop also when the loop hangs and tells nothing."""
        age = self.metrics.poll_age_seconds.labels(self.group)
        age.set_function(self.heartbeat.age_seconds)
        for end in End:
            self.metrics.txn.labels(self.group, end.value)
        for kind in REBALANCES:
            self.metrics.rebalances.labels(self.group, kind)
        self.metrics.producer_epoch_resets.labels(self.group)
        self.metrics.revoke_seconds.labels(self.group)
        self.metrics.stall_detected.labels(self.group).set(0)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Measure where the time of the loop goes."""
        began = self.clock.monotonic()
        yield
        self.metrics.loop_time_seconds.labels(self.group, name).inc(self.clock.monotonic() - began)

    def consuming(self, messages: Sequence[Message]) -> AbstractContextManager[object]:
        """Trace that a batch is taken in, and run where records run as they come."""
        if not self.tracing.is_on:
            return nullcontext()
        return self.tracing.span(
            f"{self.group} consume",
            links=causes(one.headers() for one in messages if one.error() is None),
            attributes={
                "messaging.system": "kafka",
                "messaging.operation.type": "receive",
                "messaging.consumer.group.name": self.group,
                "messaging.batch.message_count": len(messages),
            },
        )

    def consumed(self, lane: Lane, records: int) -> None:
        """Count records read from the source."""
        self.metrics.consumed.labels(*self._place(lane)).inc(records)

    def retried(self, item: Item) -> None:
        """Measure how long a parked record waited for its next attempt."""
        waited_ms = self._now_ms() - item.waits_since_ms
        labels = self.group, item.lane.topics.source
        self.metrics.retry_delay_seconds.labels(*labels).observe(max(0, waited_ms) / 1000)

    def committed(
        self, lanes: Sequence[Lane], positions: Sequence[TopicPartition], seconds: float
    ) -> None:
        """Count what became of records, once it is durable."""
        self.metrics.txn_seconds.labels(self.group).observe(seconds)
        now_ms = self._now_ms()
        for lane in lanes:
            self._count(lane)
            self._measure(lane, now_ms)
        for position in positions:
            self.metrics.commit_metadata_bytes.labels(
                self.group, position.topic, str(position.partition)
            ).set(len(position.metadata or ""))

    def transaction_ended(self, end: End, writes: Sequence[Write]) -> None:
        """Count how a transaction ended, and the dead letters that went with it."""
        self.metrics.txn.labels(self.group, end.value).inc()
        if end is End.ABORTED:
            for topic, number in Counter(write.topic for write in writes).items():
                if source := self._dead.get(topic):
                    self.metrics.dlq_produce_failures.labels(self.group, source).inc(number)

    def rebalanced(self, kind: str, _partitions: int) -> None:
        """Count a rebalance."""
        self.metrics.rebalances.labels(self.group, kind).inc()

    def revoked(self, seconds: float, partitions: int) -> None:
        """Measure how long the group waited for this worker."""
        self.rebalanced("revoke", partitions)
        self.metrics.revoke_seconds.labels(self.group).observe(seconds)

    def turned(self, ownership: Ownership, *, stalls: bool) -> None:
        """Note that the loop turned; bring the gauges up to date now and then.

        :param stalls: whether nothing has been finished for suspiciously long.
        """
        self.heartbeat.beat()
        now = self.clock.monotonic()
        if now - self._gauged_at < GAUGES_EVERY_S:
            return
        self._gauged_at = now
        lanes = ownership.lanes.values()
        self._forget(lanes)
        self._dead = {lane.topics.dlq: lane.topics.source for lane in lanes}
        self.metrics.stall_detected.labels(self.group).set(stalls)
        self.gauges.look(ownership, now_ms=self._now_ms())

    def replaced_producers(self, number: int) -> None:
        """Count producers that were thrown away because their transaction was in doubt."""
        if number > self._replaced:
            self.metrics.producer_epoch_resets.labels(self.group).inc(number - self._replaced)
            self._replaced = number

    def _count(self, lane: Lane) -> None:
        told = self._told.setdefault(id(lane), Counter())
        for decision, total in lane.tally.items():
            if fresh := total - told[decision]:
                told[decision] = total
                self._decided(lane, decision, fresh)

    def _decided(self, lane: Lane, decision: Decision, fresh: int) -> None:
        (outcome, reason, stage), topic = decision, lane.topics.source
        if outcome == "again":
            self.metrics.retries.labels(self.group, topic, reason).inc(fresh)
            return
        self.metrics.processed.labels(*self._place(lane), outcome).inc(fresh)
        if outcome == "dlq":
            self.metrics.dlq.labels(self.group, topic, reason, stage).inc(fresh)
            if stage == Stage.DESERIALIZE:
                self.metrics.decode_failures.labels(self.group, topic, reason).inc(fresh)

    def _measure(self, lane: Lane, now_ms: int) -> None:
        labels = self.group, lane.topics.source
        if seconds := lane.timings.take_seconds():
            observe_all(self.metrics.process_seconds.labels(*labels), seconds)
        if done_ms := lane.timings.take_done_ms():
            ages = [(now_ms - one if one < now_ms else 0) / 1000 for one in done_ms]
            observe_all(self.metrics.e2e_latency_seconds.labels(*labels), ages)
            self.gauges.succeeded(lane, max(done_ms))

    def _forget(self, lanes: Collection[Lane]) -> None:
        alive = {id(lane) for lane in lanes}
        self._told = {lane: told for lane, told in self._told.items() if lane in alive}

    def _place(self, lane: Lane) -> tuple[str, str, str]:
        return self.group, lane.topics.source, str(lane.partition)

    def _now_ms(self) -> int:
        return int(self.clock.now().timestamp() * 1000)

"""What the loop tells Prometheus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from confluent_kafka import TopicPartition

from isthmus.kafka.lane import Lane
from isthmus.kafka.ownership import Ownership
from isthmus.ops.clock import Clock
from isthmus.ops.health import Heartbeat
from isthmus.ops.metrics import Metrics

GAUGES_EVERY_S = 1.0


@dataclass(slots=True)
class Observer:
    """Turns what happened in the loop into metrics; decides nothing."""

    metrics: Metrics
    group: str
    clock: Clock
    heartbeat: Heartbeat
    _told: dict[int, Counter[tuple[str, str]]] = field(default_factory=dict)
    _gauged_at: float = 0.0
    _replaced: int = 0

    def __post_init__(self) -> None:
        """Tell the age of the loop also when the loop hangs and tells nothing."""
        age = self.metrics.poll_age_seconds.labels(self.group)
        age.set_function(self.heartbeat.age_seconds)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Measure where the time of the loop goes."""
        began = self.clock.monotonic()
        yield
        self.metrics.loop_time_seconds.labels(self.group, name).inc(self.clock.monotonic() - began)

    def consumed(self, lane: Lane, records: int) -> None:
        """Count records read from the source."""
        self.metrics.consumed.labels(*self._place(lane)).inc(records)

    def committed(
        self, lanes: Sequence[Lane], positions: Sequence[TopicPartition], seconds: float
    ) -> None:
        """Count what became of records, once it is durable."""
        self.metrics.txn.labels(self.group, "committed").inc()
        self.metrics.txn_seconds.labels(self.group).observe(seconds)
        for lane in lanes:
            told = self._told.setdefault(id(lane), Counter())
            for (outcome, detail), total in lane.tally.items():
                if fresh := total - told[outcome, detail]:
                    told[outcome, detail] = total
                    self._outcome(lane, outcome, detail, fresh)
        for position in positions:
            self.metrics.commit_metadata_bytes.labels(
                self.group, position.topic, str(position.partition)
            ).set(len(position.metadata or ""))

    def rebalanced(self, kind: str, _partitions: int) -> None:
        """Count a rebalance."""
        self.metrics.rebalances.labels(self.group, kind).inc()

    def revoked(self, seconds: float, partitions: int) -> None:
        """Measure how long the group waited for this worker."""
        self.rebalanced("revoke", partitions)
        self.metrics.revoke_seconds.labels(self.group).observe(seconds)

    def turned(self, ownership: Ownership) -> None:
        """Note that the loop turned; bring the gauges up to date now and then."""
        self.heartbeat.beat()
        now = self.clock.monotonic()
        if now - self._gauged_at < GAUGES_EVERY_S:
            return
        self._gauged_at = now
        self._forget(ownership.lanes.values())
        for lane in ownership.lanes.values():
            self._gauge(lane, ownership)
        self._gauge_topics(ownership.lanes.values())

    def replaced_producers(self, number: int) -> None:
        """Count producers that were thrown away because their transaction was in doubt."""
        if number > self._replaced:
            self.metrics.producer_epoch_resets.labels(self.group).inc(number - self._replaced)
            self._replaced = number

    def _gauge(self, lane: Lane, ownership: Ownership) -> None:
        place, window = self._place(lane), lane.source.window
        now_ms = int(self.clock.now().timestamp() * 1000)
        oldest = window.oldest
        self.metrics.window_span.labels(*place).set(window.span)
        self.metrics.window_inflight.labels(*place).set(len(window))
        self.metrics.parked_records.labels(*place).set(lane.parked_records)
        self.metrics.parked_keys.labels(*place).set(len(lane.parked))
        self.metrics.held_keys.labels(*place).set(len(lane.held.keys))
        self.metrics.backpressure_active.labels(*place).set(
            ownership.is_paused((lane.topics.source, lane.partition))
        )
        self.metrics.lag_seconds.labels(*place).set(
            0 if oldest is None else max(0, now_ms - oldest.timestamp_ms) / 1000
        )
        self.metrics.oldest_incomplete_age_seconds.labels(*place).set(
            0 if oldest is None else max(0, now_ms - oldest.read_ms) / 1000
        )

    def _gauge_topics(self, lanes: Collection[Lane]) -> None:
        """Add up what belongs to a topic as a whole."""
        now_ms = int(self.clock.now().timestamp() * 1000)
        by_topic: dict[str, list[Lane]] = {}
        for lane in lanes:
            by_topic.setdefault(lane.topics.source, []).append(lane)
        for topic, owned in by_topic.items():
            waiting = [oldest for one in owned if (oldest := one.retry.window.oldest) is not None]
            since_ms = min((one.first_failed_ms or now_ms for one in waiting), default=now_ms)
            parked = sum(one.parked_records for one in owned)
            self.metrics.assigned_partitions.labels(self.group, topic).set(len(owned))
            self.metrics.retry_depth.labels(self.group, topic).set(parked)
            self.metrics.retry_oldest_age_seconds.labels(self.group, topic).set(
                max(0, now_ms - since_ms) / 1000
            )

    def _outcome(self, lane: Lane, outcome: str, detail: str, fresh: int) -> None:
        if outcome in ("dlq", "held"):
            self.metrics.dlq.labels(self.group, lane.topics.source, detail, outcome).inc(fresh)
        name = "dlq" if outcome == "held" else outcome
        self.metrics.processed.labels(*self._place(lane), name).inc(fresh)

    def _forget(self, lanes: Collection[Lane]) -> None:
        alive = {id(lane) for lane in lanes}
        self._told = {lane: told for lane, told in self._told.items() if lane in alive}

    def _place(self, lane: Lane) -> tuple[str, str, str]:
        return self.group, lane.topics.source, str(lane.partition)

"""What a worker's partitions look like now, for Prometheus."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from isthmus.kafka.lane import Lane
from isthmus.kafka.log_ends import LogEnds
from isthmus.kafka.open_letters import OpenLetters
from isthmus.kafka.ownership import Ownership
from isthmus.kafka.shown import Labels, Shown
from isthmus.kafka.undecodable import Cause
from isthmus.ops.metrics import Metrics

OUTCOMES: Final = ("ok", "retried", "collected", "parked", "dlq", "released")

Place = tuple[str, int]


@dataclass(slots=True)
class Behind:
    """Since when a lane lies behind, as far as can be told.

    :param caught_up_ms: when nothing was left to read, last.
    :param newest_ms: the timestamp of the newest record that succeeded as it came.
    """

    began_ms: int
    caught_up_ms: int = 0
    newest_ms: int = 0

    def since_ms(self, oldest_ms: int | None) -> int:
        """Return the timestamp of the oldest record that is not done, or what it is not below.

        :param oldest_ms: its timestamp, where it was read already.
        """
        if oldest_ms is not None:
            return oldest_ms
        return max(self.caught_up_ms, self.newest_ms) or self.began_ms


@dataclass(slots=True)
class Gauges:
    """Sets the gauges of the lanes that run, and takes away those of lanes that are gone."""

    metrics: Metrics
    group: str
    ends: LogEnds
    letters: OpenLetters
    _shown: Shown = field(default_factory=Shown)
    _behind: dict[Place, Behind] = field(default_factory=dict)
    _reasons: dict[str, set[str]] = field(default_factory=dict)

    def look(self, ownership: Ownership, *, now_ms: int) -> None:
        """Bring all of them up to date."""
        lanes = ownership.lanes
        self.ends.look(lanes.keys())
        if not ownership.is_restoring:
            self.letters.look([(one.topics.dlq, one.partition) for one in lanes.values()])
        for gone in self._behind.keys() - lanes.keys():
            del self._behind[gone]
        for place in lanes.keys() - self._behind.keys():
            self._behind[place] = Behind(began_ms=now_ms)
            self._begin_at_zero(lanes[place])
        self._show_lanes(ownership, now_ms)
        self._show_topics(lanes.values(), now_ms)
        self._show_letters(lanes.values(), now_ms)

    def succeeded(self, lane: Lane, newest_ms: int) -> None:
        """Note the timestamp of the newest record of a lane that is done."""
        if behind := self._behind.get((lane.topics.source, lane.partition)):
            behind.newest_ms = max(behind.newest_ms, newest_ms)

    def _show_lanes(self, ownership: Ownership, now_ms: int) -> None:
        lanes, metrics = ownership.lanes.values(), self.metrics
        behind = {self._labels(lane): self._lag(lane, now_ms) for lane in lanes}
        for gauge, value in (
            (metrics.window_span, lambda lane: lane.source.window.span),
            (metrics.window_inflight, lambda lane: len(lane.source.window)),
            (metrics.parked_records, lambda lane: lane.parked.records),
            (metrics.parked_bytes, lambda lane: lane.parked.nbytes),
            (metrics.parked_keys, lambda lane: len(lane.parked)),
            (metrics.held_keys, lambda lane: len(lane.held.keys)),
            (metrics.open_groups, lambda lane: len(lane.groups)),
            (
                metrics.open_groups_oldest_age_seconds,
                lambda lane: _age_s(lane.groups.oldest_read_ms, now_ms),
            ),
            (
                metrics.backpressure_active,
                lambda lane: ownership.is_paused((lane.topics.source, lane.partition)),
            ),
            (
                metrics.oldest_incomplete_age_seconds,
                lambda lane: _age_s(_oldest_read_ms(lane), now_ms),
            ),
            (metrics.lag_records, lambda lane: behind[self._labels(lane)][0]),
            (metrics.lag_seconds, lambda lane: behind[self._labels(lane)][1]),
        ):
            self._shown.show(gauge, {self._labels(lane): value(lane) for lane in lanes})

    def _lag(self, lane: Lane, now_ms: int) -> tuple[int, float]:
        """Return how many records are committed and not done, and how old the oldest is."""
        place, window = (lane.topics.source, lane.partition), lane.source.window
        unread = max(0, (self.ends.end(place) or 0) - window.position)
        records = unread + len(window)
        behind = self._behind[place]
        if not records:
            behind.caught_up_ms = now_ms
            return 0, 0.0
        oldest = window.oldest
        return records, _age_s(behind.since_ms(oldest.timestamp_ms if oldest else None), now_ms)

    def _show_topics(self, lanes: Collection[Lane], now_ms: int) -> None:
        owned: dict[Labels, float] = {}
        depths: dict[Labels, float] = {}
        ages: dict[Labels, float] = {}
        for topic, ours in _by_topic(lanes).items():
            waiting = [oldest for one in ours if (oldest := one.retry.window.oldest) is not None]
            since_ms = min((one.first_failed_ms or now_ms for one in waiting), default=None)
            owned[self.group, topic] = len(ours)
            ages[self.group, topic] = _age_s(since_ms, now_ms)
            for reason in {reason for one in ours for reason in one.parked.reasons}:
                depths[self.group, topic, reason] = sum(one.parked.reasons[reason] for one in ours)
        self._shown.show(self.metrics.assigned_partitions, owned)
        self._shown.show(self.metrics.retry_depth, depths)
        self._shown.show(self.metrics.retry_oldest_age_seconds, ages)

    def _show_letters(self, lanes: Collection[Lane], now_ms: int) -> None:
        depths: dict[Labels, float] = {}
        ages: dict[Labels, float] = {}
        dead = {one.topics.source: one.topics.dlq for one in lanes}
        for topic, dlq in dead.items():
            if self.letters.is_known(dlq):
                for reason, number in self.letters.depths(dlq).items():
                    depths[self.group, topic, reason] = number
                ages[self.group, topic] = _age_s(self.letters.oldest_ms(dlq), now_ms)
        self._shown.show(self.metrics.dead_letter_depth, depths)
        self._shown.show(self.metrics.dead_letter_oldest_age_seconds, ages)

    def _begin_at_zero(self, lane: Lane) -> None:
        """Show counters before they count: a rate misses the first increment otherwise."""
        metrics, topic = self.metrics, lane.topics.source
        metrics.consumed.labels(*self._labels(lane))
        for outcome in OUTCOMES:
            metrics.processed.labels(*self._labels(lane), outcome)
        for cause in Cause:
            metrics.decode_failures.labels(self.group, topic, cause.value)
        metrics.dlq_produce_failures.labels(self.group, topic)
        for histogram in (
            metrics.process_seconds,
            metrics.e2e_latency_seconds,
            metrics.retry_delay_seconds,
        ):
            histogram.labels(self.group, topic)

    def _labels(self, lane: Lane) -> Labels:
        return self.group, lane.topics.source, str(lane.partition)


def _by_topic(lanes: Collection[Lane]) -> Mapping[str, list[Lane]]:
    by_topic: dict[str, list[Lane]] = {}
    for lane in lanes:
        by_topic.setdefault(lane.topics.source, []).append(lane)
    return by_topic


def _oldest_read_ms(lane: Lane) -> int | None:
    oldest = lane.source.window.oldest
    return None if oldest is None else oldest.read_ms


def _age_s(since_ms: int | None, now_ms: int) -> float:
    return 0.0 if since_ms is None else max(0, now_ms - since_ms) / 1000

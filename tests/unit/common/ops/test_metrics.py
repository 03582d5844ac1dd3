"""Every metric is declared once and keeps the conventions."""

from __future__ import annotations

import re

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.parser import text_string_to_metric_families

from isthmus.ops.declared import Declared, declarations, table
from isthmus.ops.metrics import Metrics

DECLARED = declarations(Metrics)

# What a label may be: each has few values. A key, an offset, an order or a message has no end.
LABELS = {
    *("group", "topic", "partition", "outcome", "reason_class", "stage", "cause", "result"),
    *("type", "phase", "service", "end", "operation", "purpose", "version"),
}

PROMISED = [
    *("consumed_total", "processed_total", "process_seconds"),
    *("e2e_latency_seconds", "retry_delay_seconds", "lag_records"),
    *("lag_seconds", "window_span", "window_inflight"),
    *("commit_metadata_bytes", "oldest_incomplete_age_seconds", "parked_keys"),
    *("parked_records", "held_keys", "dlq_total"),
    *("dlq_produce_failures_total", "txn_total", "txn_seconds"),
    *("producer_epoch_resets_total", "rebalances_total", "revoke_seconds"),
    *("backpressure_active", "stall_detected", "decode_failures_total"),
    *("loop_time_seconds_total", "dead_letter_depth", "dead_letter_oldest_age_seconds"),
    *("retry_depth", "retry_oldest_age_seconds", "poll_age_seconds"),
]


@pytest.mark.parametrize("one", DECLARED, ids=lambda one: one.name)
class TestConvention:
    def test_names_the_project_and_the_unit(
        self, one: Declared[Counter] | Declared[Gauge] | Declared[Histogram]
    ) -> None:
        assert re.fullmatch(r"isthmus_[a-z][a-z0-9_]*[a-z0-9]", one.name)
        assert one.name.endswith("_total") == (one.kind is Counter)
        assert one.name.endswith("_seconds") or one.kind is not Histogram

    def test_has_labels_of_few_values(
        self, one: Declared[Counter] | Declared[Gauge] | Declared[Histogram]
    ) -> None:
        assert set(one.labels) <= LABELS
        assert len(set(one.labels)) == len(one.labels)

    def test_has_a_meaning_and_rising_buckets(
        self, one: Declared[Counter] | Declared[Gauge] | Declared[Histogram]
    ) -> None:
        assert one.meaning[0].isupper()
        assert list(one.buckets) == sorted(set(one.buckets))
        assert bool(one.buckets) == (one.kind is Histogram)


class TestMetrics:
    def test_holds_what_dashboards_and_alerts_are_promised(self) -> None:
        names = {one.name for one in DECLARED}

        assert {f"isthmus_kafka_{name}" for name in PROMISED} <= names
        assert {
            "isthmus_outside_calls_total",
            "isthmus_outside_calls_seconds",
            "isthmus_build_info",
        } <= names

    def test_declares_each_name_once(self) -> None:
        assert len({one.name for one in DECLARED}) == len(DECLARED)

    def test_counts_on_a_registry_of_its_own(self) -> None:
        here, there = Metrics(), Metrics()

        here.rebalances.labels(group="mapper", type="lost").inc()

        labels = {"group": "mapper", "type": "lost"}
        name = "isthmus_kafka_rebalances_total"
        assert here.registry.get_sample_value(name, labels) == 1
        assert there.registry.get_sample_value(name, labels) is None

    def test_refuses_another_set_of_labels(self) -> None:
        with pytest.raises(ValueError, match="label"):
            Metrics().rebalances.labels(group="mapper")

    def test_shows_the_process_and_all_of_its_own_to_prometheus(self) -> None:
        text = Metrics().exposition().decode()

        shown = {family.name for family in text_string_to_metric_families(text)}
        assert {one.name.removesuffix("_total") for one in DECLARED} <= shown
        assert "process_resident_memory_bytes" in shown

    def test_shows_no_second_series_for_the_birth_of_each(self) -> None:
        metrics = Metrics()

        metrics.rebalances.labels(group="mapper", type="lost").inc()

        assert b"_created" not in metrics.exposition()

    def test_gives_each_attribute_the_metric_that_it_declares(self) -> None:
        metrics = Metrics(registry=CollectorRegistry())

        metrics.poll_age_seconds.labels(group="mapper").set(3)

        name = "isthmus_kafka_poll_age_seconds"
        assert metrics.registry.get_sample_value(name, {"group": "mapper"}) == 3


class TestSubclass:
    def test_adds_the_metrics_of_a_service(self) -> None:
        class PostmanMetrics(Metrics):
            letters = Declared(Counter, "isthmus_letters_total", "Letters delivered", ("outcome",))

        metrics = PostmanMetrics()
        metrics.letters.labels(outcome="ok").inc(2)

        labels = {"outcome": "ok"}
        assert metrics.registry.get_sample_value("isthmus_letters_total", labels) == 2
        assert "isthmus_letters_total" not in {one.name for one in declarations(Metrics)}


class TestTable:
    def test_has_a_row_for_each_metric(self) -> None:
        rows = table(Metrics).splitlines()

        assert len(rows) == len(DECLARED) + 2
        assert (
            "| `isthmus_kafka_rebalances_total` | counter | group, type"
            " | Rebalances by type: assign, revoke or lost |" in rows
        )

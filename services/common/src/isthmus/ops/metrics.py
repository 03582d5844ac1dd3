"""Every metric of the core, declared once. ``python -m isthmus.ops.metrics`` prints the table.

A label never holds an id: no key, offset, order or message. One name has one set of labels. A
``rate`` needs its counter to exist: call ``labels(...)`` at the start for what may happen later.

A service declares its own in a subclass::

    class WriterMetrics(Metrics):
        slots = Declared(Gauge, "isthmus_governor_slots", "Requests allowed at once", ("account",))
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from isthmus.ops.declared import Declared, Metric, declarations, table

GROUP: Final = ("group",)
TOPIC: Final = ("group", "topic")
PARTITION: Final = ("group", "topic", "partition")
CALL: Final = ("service", "end", "operation", "purpose", "outcome")

MOMENTS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
ATTEMPTS: Final = (0.0001, 0.00025, 0.0005, 0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
CALLS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
HOURS: Final = (0.05, 0.25, 1, 5, 15, 60, 300, 900, 3600, 4 * 3600, 24 * 3600)


class Metrics:
    """The metrics of one process, on a registry of its own.

    :param registry: default: a new one, with the figures of the process.
    """

    # What came in and what became of it
    consumed = Declared(
        Counter, "isthmus_kafka_consumed_total", "Records read from the source topic", PARTITION
    )
    processed = Declared(
        Counter,
        "isthmus_kafka_processed_total",
        "Decisions on records: ok, retried (ok, but not at once), collected (waits for its group),"
        " parked, dlq or released",
        (*PARTITION, "outcome"),
    )
    retries = Declared(
        Counter,
        "isthmus_kafka_retries_total",
        "Attempts that failed and are made again",
        (*TOPIC, "reason_class"),
    )
    decode_failures = Declared(
        Counter,
        "isthmus_kafka_decode_failures_total",
        "Records that became dead letters because their bytes could not be read",
        (*TOPIC, "cause"),
    )
    process_seconds = Declared(
        Histogram,
        "isthmus_kafka_process_seconds",
        "Time of an attempt: reading the record, the handler, writing its outputs",
        TOPIC,
        ATTEMPTS,
    )
    e2e_latency_seconds = Declared(
        Histogram,
        "isthmus_kafka_e2e_latency_seconds",
        "Time from the timestamp of a record to the commit of what followed from it",
        TOPIC,
        HOURS,
    )

    # How far behind
    lag_records = Declared(
        Gauge,
        "isthmus_kafka_lag_records",
        "Committed records that are not done yet; the end of the log is some seconds old",
        PARTITION,
    )
    lag_seconds = Declared(
        Gauge,
        "isthmus_kafka_lag_seconds",
        "Age of the oldest record that is not done; where it was not read yet, time since the"
        " newest that is done or since nothing was left; 0 when caught up",
        PARTITION,
    )
    oldest_incomplete_age_seconds = Declared(
        Gauge,
        "isthmus_kafka_oldest_incomplete_age_seconds",
        "Time since the oldest unfinished record of the window was read",
        PARTITION,
    )
    window_span = Declared(
        Gauge,
        "isthmus_kafka_window_span",
        "Offsets from the first unfinished to the newest record read",
        PARTITION,
    )
    window_inflight = Declared(
        Gauge, "isthmus_kafka_window_inflight", "Records in memory, waiting or running", PARTITION
    )
    backpressure_active = Declared(
        Gauge,
        "isthmus_kafka_backpressure_active",
        "Whether (1) the partition is paused because a limit is reached",
        PARTITION,
    )
    commit_metadata_bytes = Declared(
        Gauge,
        "isthmus_kafka_commit_metadata_bytes",
        "Size of the completion map in the last commit; Kafka allows 4096",
        PARTITION,
    )

    # Waiting records
    retry_delay_seconds = Declared(
        Histogram,
        "isthmus_kafka_retry_delay_seconds",
        "Time that a record was parked before its next attempt",
        TOPIC,
        HOURS,
    )
    retry_depth = Declared(
        Gauge,
        "isthmus_kafka_retry_depth",
        "Records that wait in the retry topic, by what failed: predecessor = an earlier record of"
        " the key, replayed = sent back by an operator",
        (*TOPIC, "reason_class"),
    )
    retry_oldest_age_seconds = Declared(
        Gauge,
        "isthmus_kafka_retry_oldest_age_seconds",
        "Age of the oldest record in the retry topic; 0 when empty",
        TOPIC,
    )
    parked_keys = Declared(
        Gauge, "isthmus_kafka_parked_keys", "Keys with records in the retry topic", PARTITION
    )
    open_groups = Declared(
        Gauge,
        "isthmus_kafka_open_groups",
        "Groups of records that wait until they are whole",
        PARTITION,
    )
    open_groups_oldest_age_seconds = Declared(
        Gauge,
        "isthmus_kafka_open_groups_oldest_age_seconds",
        "Time since the first record was read that waits for the rest of its group",
        PARTITION,
    )
    parked_records = Declared(
        Gauge, "isthmus_kafka_parked_records", "Records that wait behind a retry", PARTITION
    )
    parked_bytes = Declared(
        Gauge, "isthmus_kafka_parked_bytes", "Bytes of the records that wait, about", PARTITION
    )
    held_keys = Declared(
        Gauge, "isthmus_kafka_held_keys", "Keys stopped until an operator acts", PARTITION
    )

    # Dead letters
    dlq = Declared(
        Counter,
        "isthmus_kafka_dlq_total",
        "Records that became dead letters",
        (*TOPIC, "reason_class", "stage"),
    )
    dlq_produce_failures = Declared(
        Counter,
        "isthmus_kafka_dlq_produce_failures_total",
        "Dead letters that could not be written; their transaction was aborted",
        TOPIC,
    )
    dead_letter_depth = Declared(
        Gauge,
        "isthmus_kafka_dead_letter_depth",
        "Dead letters of this worker's partitions that nobody has dealt with; missing until they"
        " were read; uncounted = beyond ISTHMUS_LIMIT_DEAD_LETTERS_KNOWN",
        (*TOPIC, "reason_class"),
    )
    dead_letter_oldest_age_seconds = Declared(
        Gauge,
        "isthmus_kafka_dead_letter_oldest_age_seconds",
        "Age of the oldest dead letter that nobody has dealt with; 0 when there is none",
        TOPIC,
    )

    # The loop
    txn = Declared(
        Counter,
        "isthmus_kafka_txn_total",
        "Transactions by result: committed, aborted or recovered (in doubt, found committed)",
        (*GROUP, "result"),
    )
    txn_seconds = Declared(
        Histogram, "isthmus_kafka_txn_seconds", "Time from begin to end", GROUP, MOMENTS
    )
    producer_epoch_resets = Declared(
        Counter,
        "isthmus_kafka_producer_epoch_resets_total",
        "Producers thrown away because the end of a transaction was not known",
        GROUP,
    )
    rebalances = Declared(
        Counter,
        "isthmus_kafka_rebalances_total",
        "Rebalances by type: assign, revoke or lost",
        (*GROUP, "type"),
    )
    assigned_partitions = Declared(
        Gauge, "isthmus_kafka_assigned_partitions", "Partitions of this worker", TOPIC
    )
    revoke_seconds = Declared(
        Histogram,
        "isthmus_kafka_revoke_seconds",
        "Time to finish and commit when partitions are taken away; the group waits for it",
        GROUP,
        MOMENTS,
    )
    stall_detected = Declared(
        Gauge,
        "isthmus_kafka_stall_detected",
        "Whether (1) nothing was finished for half of ISTHMUS_LIMIT_STALL_S although something"
        " waits; at all of it the process ends",
        GROUP,
    )
    poll_age_seconds = Declared(
        Gauge, "isthmus_kafka_poll_age_seconds", "Time since the poll loop last turned", GROUP
    )
    loop_time_seconds = Declared(
        Counter,
        "isthmus_kafka_loop_time_seconds_total",
        "Where the time of the poll loop goes, by phase",
        (*GROUP, "phase"),
    )

    # The outside
    outside_calls = Declared(
        Counter,
        "isthmus_outside_calls_total",
        "Requests to Amazon or NetSuite, each attempt counted",
        CALL,
    )
    outside_calls_seconds = Declared(
        Histogram,
        "isthmus_outside_calls_seconds",
        "Time of a request to Amazon or NetSuite",
        CALL,
        CALLS,
    )
    build_info = Declared(
        Gauge, "isthmus_build_info", "Always 1; the labels tell what runs", ("service", "version")
    )

    def __init__(self, *, registry: CollectorRegistry | None = None) -> None:
        # Twice the series, and no question that they would answer here.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry: Final = CollectorRegistry() if registry is None else registry
        if registry is None:
            ProcessCollector(registry=self.registry)
        self._by_name = {one.name: one.made(self.registry) for one in declarations(type(self))}

    @property
    def by_name(self) -> Mapping[str, Metric]:
        """Return the metrics of this process by their full names."""
        return self._by_name

    def exposition(self) -> bytes:
        """Return all metrics in the text format of Prometheus."""
        return generate_latest(self.registry)


if __name__ == "__main__":
    sys.stdout.write(table(Metrics))

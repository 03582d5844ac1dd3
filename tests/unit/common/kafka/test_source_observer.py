"""What a source shows of its transactions and dead letters."""

from __future__ import annotations

from isthmus.kafka import headers as names
from isthmus.kafka.letters import Write
from isthmus.kafka.source_observer import SourceObserver
from isthmus.kafka.transactions import End
from isthmus.ops.health import Heartbeat
from isthmus.ops.metrics import Metrics
from isthmus.testing.clock import VirtualClock

GROUP = {"group": "amazon-ingest"}
LETTER = Write("orders.dlq", -1, b"acme/1", b"raw", [(names.REASON_CLASS, b"oversized")])
FACT = Write("orders", -1, b"acme/2", b"fact", [])


class Observed:
    """An observer, and what its metrics say."""

    def __init__(self) -> None:
        self.metrics = Metrics()
        self.clock = VirtualClock()
        self.heartbeat = Heartbeat(self.clock)
        dead = {"orders.dlq": "orders"}
        self.observer = SourceObserver(self.metrics, "amazon-ingest", self.heartbeat, dead)

    def shown(self, name: str, **labels: str) -> float | None:
        return self.metrics.registry.get_sample_value(f"isthmus_kafka_{name}", GROUP | labels)


class TestSourceObserver:
    def test_counts_transactions_and_their_dead_letters(self) -> None:
        one = Observed()

        one.observer.transaction_ended(End.COMMITTED, [FACT, LETTER, LETTER])

        letter = {"topic": "orders", "reason_class": "oversized", "stage": "source"}
        assert one.shown("txn_total", result="committed") == 1
        assert one.shown("dlq_total", **letter) == 2
        assert one.shown("producer_epoch_resets_total") == 0

    def test_counts_dead_letters_that_could_not_be_written(self) -> None:
        one = Observed()

        one.observer.transaction_ended(End.ABORTED, [FACT, LETTER])

        assert one.shown("txn_total", result="aborted") == 1
        assert one.shown("dlq_produce_failures_total", topic="orders") == 1
        assert one.shown("producer_epoch_resets_total") == 1

    def test_tells_the_age_of_a_loop_that_hangs(self) -> None:
        one = Observed()
        one.heartbeat.beat()

        one.clock.advance(70)

        assert one.shown("poll_age_seconds") == 70

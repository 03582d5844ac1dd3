"""What workers serve to Prometheus is what happened, also after a restart."""

from __future__ import annotations

from pathlib import Path

import pytest

from isthmus.kafka.letterbox import Act
from isthmus.kafka.local import KafkaCluster
from isthmus.ops.declared import declarations
from isthmus.ops.metrics import Metrics
from isthmus.ops.settings import KafkaSettings

from .world import FACTS, SINK, STAGE, Running, World, running

OUTSIDE = ("isthmus_outside_calls_total", "isthmus_outside_calls_seconds")
SCENARIO = (
    ("one", "ok"),
    ("two", "ok"),
    ("three", "flaky"),
    ("bad", b"no record"),
    ("waits", "later"),
    ("waits", "ok"),
    ("gone", "no"),
    ("gone", "ok"),
    ("at-sink", "sink-no"),
    ("at-sink", "sink-ok"),
)
KAFKA = "isthmus_kafka_"


@pytest.fixture
def world(kafka: KafkaCluster, tmp_path: Path, unique: str) -> World:
    """Give topics of our own, and the scenario in them."""
    settings = KafkaSettings(
        bootstrap_servers=kafka.bootstrap_servers, session_timeout_s=6, max_poll_interval_s=30
    )
    world = World.made(settings, folder=tmp_path, prefix=f"{unique}.")
    world.put(*SCENARIO)
    return world


def is_through(stage: Running) -> None:
    """Turn the stage until nothing is left to read, and until its dead letters were read."""
    stage.shows(f"{KAFKA}consumed_total", len(SCENARIO))
    stage.shows(f"{KAFKA}lag_records", 0)
    stage.until(lambda: stage.value(f"{KAFKA}dead_letter_oldest_age_seconds") is not None)


@pytest.mark.kafka
@pytest.mark.timeout(400)
class TestAStage:
    def test_shows_what_happened(self, world: World) -> None:
        with running(world.process(STAGE)) as stage:
            is_through(stage)
            stage.shows(f"{KAFKA}dead_letter_depth", 3)

            def shown(name: str, **labels: str) -> float | None:
                return stage.value(KAFKA + name, **labels)

            assert shown("processed_total", outcome="ok") == 4
            assert shown("processed_total", outcome="retried") == 1
            assert shown("processed_total", outcome="parked") == 2
            assert shown("processed_total", outcome="dlq") == 3
            assert shown("retries_total", reason_class="not-yet") == 1
            assert shown("decode_failures_total", cause="bad-magic") == 1
            assert shown("decode_failures_total", cause="truncated") == 0
            assert shown("dlq_total", reason_class="bad-magic", stage="deserialize") == 1
            assert shown("dlq_total", reason_class="never", stage="process") == 1
            assert shown("dlq_total", reason_class="held", stage="held") == 1
            for reason in ("bad-magic", "never", "held"):
                assert shown("dead_letter_depth", reason_class=reason) == 1
            assert 0 < (shown("dead_letter_oldest_age_seconds") or 0) < 600
            assert shown("dlq_produce_failures_total") == 0
            assert shown("retry_depth", reason_class="much-later") == 1
            assert shown("retry_depth", reason_class="predecessor") == 1
            assert 0 < (shown("retry_oldest_age_seconds") or 0) < 600
            assert shown("parked_keys") == 1
            assert shown("parked_records") == 2
            assert (shown("parked_bytes") or 0) > 400
            assert shown("held_keys") == 2
            stage.shows(f"{KAFKA}lag_seconds", 0)  # the end of the log is some seconds old
            assert shown("assigned_partitions") == 2
            assert shown("stall_detected") == 0
            assert shown("e2e_latency_seconds_count") == 5
            # Four that go well, one that goes well the second time, one each of the three others.
            assert shown("process_seconds_count") == 4 + 2 + 3
            assert (shown("txn_total", result="committed") or 0) > 0
            assert shown("txn_total", result="aborted") == 0
            assert stage.value("isthmus_build_info", service=STAGE) == 1

    def test_serves_all_that_is_declared(self, world: World) -> None:
        with running(world.process(STAGE)) as stage:
            is_through(stage)
            served = {name for name, _ in stage.samples()}

        declared = {one.name for one in declarations(Metrics)} - set(OUTSIDE)
        assert {name for name in declared if not {name, f"{name}_count"} & served} == set()

    def test_knows_the_dead_letters_after_a_restart_and_what_became_of_them(
        self, world: World
    ) -> None:
        with running(world.process(STAGE)) as stage:
            is_through(stage)

        with running(world.process(STAGE)) as stage:
            stage.shows(f"{KAFKA}dead_letter_depth", 3)
            assert stage.value(f"{KAFKA}consumed_total") == 0
            assert stage.value(f"{KAFKA}retry_depth", reason_class="much-later") == 1
            assert world.discard("bad-magic") == 1
            stage.shows(f"{KAFKA}dead_letter_depth", 0, reason_class="bad-magic")
            assert stage.value(f"{KAFKA}dead_letter_depth") == 2

        with running(world.process(STAGE)) as stage:
            stage.shows(f"{KAFKA}dead_letter_depth", 2)

    def test_measures_how_long_a_replayed_record_waited(self, world: World) -> None:
        with running(world.process(STAGE)) as stage:
            is_through(stage)
            operator = world.operator()
            letters = operator.look()
            operator.replay(
                letters,
                [one for one in letters.open() if one.reason_class in ("never", "held")],
                Act(by="test", at=operator.clock.now()),
            )

            # Both run again, both go back: one refused again, one behind it.
            stage.shows(f"{KAFKA}dlq_total", 2, reason_class="never")
            stage.shows(f"{KAFKA}dead_letter_depth", 3)
            assert stage.value(f"{KAFKA}retry_delay_seconds_count") == 1

    def test_lets_go_of_what_it_owns_no_more(self, world: World) -> None:
        with running(world.process(STAGE)) as stage:
            is_through(stage)
            stage.worker._ownership.revoked(world.places(FACTS))
            stage.until(lambda: stage.value(f"{KAFKA}parked_records") is None)

            assert stage.value(f"{KAFKA}dead_letter_depth") is None


@pytest.mark.kafka
@pytest.mark.timeout(400)
class TestASink:
    def test_shows_what_happened(self, world: World) -> None:
        with running(world.process(STAGE)) as stage:
            is_through(stage)

        with running(world.process(SINK)) as sink:
            sink.shows(f"{KAFKA}consumed_total", 5)
            sink.shows(f"{KAFKA}dead_letter_depth", 2)
            sink.shows(f"{KAFKA}lag_records", 0)

            assert sink.value(f"{KAFKA}processed_total", outcome="ok") == 2
            assert sink.value(f"{KAFKA}processed_total", outcome="retried") == 1
            assert sink.value(f"{KAFKA}dlq_total", reason_class="never") == 1
            assert sink.value(f"{KAFKA}dlq_total", reason_class="held") == 1
            assert sink.value(f"{KAFKA}held_keys") == 1
            assert sink.value(f"{KAFKA}process_seconds_count") == 2 + 2 + 1
            assert sink.value(f"{KAFKA}e2e_latency_seconds_count") == 3

"""Our contestants: ``python -m benchmarks.workers JOB``, with the settings of any worker."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec
from pydantic import Field
from pydantic_settings import SettingsConfigDict

from benchmarks.loads import key, number_of, order
from isthmus.core.errors import Retryable
from isthmus.core.records import Attempt, Batch, Output, Record, Table, Tables
from isthmus.kafka.run import exit_with, run_sink, run_source, run_stage
from isthmus.kafka.source import Feed
from isthmus.messages.amazon import Order
from isthmus.messages.netsuite import Outcome
from isthmus.ops.environment import Settings
from isthmus.ops.settings import WorkerSettings, load

UNLUCKY: Final = 5
UNTIL_LATER_S: Final = 600.0
FACTS_PER_BATCH: Final = 100


class JobSettings(Settings):
    """What a run asks of a job."""

    model_config = SettingsConfigDict(env_prefix="BENCH_")

    latency_s: float = Field(default=0.2, ge=0, description="how long an effect takes")
    facts: int = Field(default=1_000_000, ge=1, description="how many facts wait at the source")


def is_unlucky(record_key: bytes) -> bool:
    """Tell whether a key is one of the fifth that fails where failures are asked for."""
    return number_of(record_key) % UNLUCKY == 0


def shipped(record: Record[msgspec.Struct], tables: Tables) -> Iterable[Output]:
    """Say that the order is shipped."""
    assert isinstance(record.value, Order)
    sent = msgspec.structs.replace(record.value, status="SHIPPED")
    return [Output("bench.shipped", record.key, sent)]


def shipped_or_parked(record: Record[msgspec.Struct], tables: Tables) -> Iterable[Output]:
    """Say that the order is shipped, unless its key is to wait for long."""
    _park_the_unlucky(record)
    return shipped(record, tables)


def booked(record: Record[msgspec.Struct], attempt: Attempt) -> Iterable[Output]:
    """Have an effect that takes as long as NetSuite does."""
    assert isinstance(record.value, Order)
    time.sleep(JOB.latency_s)
    outcome = Outcome(
        account=record.value.account,
        order_id=record.value.order_id,
        external_id=f"AMZ-SO-{record.value.order_id}",
        record_type="salesOrder",
        result="created",
        internal_id="4711",
        payload_hash="",
        command=record.effect_id,
        attempts=attempt.number,
        looked_up=attempt.unsure,
        finished_at=datetime.now(UTC),  # noqa: TID251
    )
    return [Output("bench.outcomes", record.key, outcome)]


def booked_or_parked(record: Record[msgspec.Struct], attempt: Attempt) -> Iterable[Output]:
    """Have the effect, unless the key is to wait for long; to learn that takes as long."""
    try:
        _park_the_unlucky(record)
    except Retryable:
        time.sleep(JOB.latency_s)
        raise
    return booked(record, attempt)


def feeds(account: str, _tables: Mapping[str, Table[msgspec.Struct]]) -> Sequence[Feed]:
    """Poll facts until there are no more."""

    def poll(account: str, cursor: str | None) -> Iterator[Batch]:
        for first in range(int(cursor or 0), JOB.facts, FACTS_PER_BATCH):
            numbers = range(first, min(first + FACTS_PER_BATCH, JOB.facts))
            facts = (Output("bench.facts", key(one).decode(), order(one)) for one in numbers)
            yield Batch(tuple(facts), cursor=str(numbers.stop))

    return [Feed(account, every_s=1.0, poll=poll)]


def _park_the_unlucky(record: Record[msgspec.Struct]) -> None:
    if is_unlucky(record.key.encode()):
        raise Retryable("to wait on purpose", reason_class="on-purpose", after_s=UNTIL_LATER_S)


JOBS: Final[Mapping[str, Callable[[WorkerSettings], int]]] = {
    "stage": lambda settings: run_stage(settings, shipped),
    "parking-stage": lambda settings: run_stage(settings, shipped_or_parked),
    "sink": lambda settings: run_sink(settings, booked),
    "parking-sink": lambda settings: run_sink(settings, booked_or_parked),
    "source": lambda settings: run_source(settings, feeds, accounts=["acme-us"]),
}

if __name__ == "__main__":
    JOB = load(JobSettings)
    exit_with(lambda: JOBS[sys.argv[1]](load(WorkerSettings)))

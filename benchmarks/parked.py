"""Healthy keys while a fifth of all keys is parked: what those who wait cost the others.

Both runs have the same load. In one the records of every fifth key fail and are parked, each behind
the first of its key; in the other they do not fail. Counted are the records of the other keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from benchmarks.bench import Bench, ours
from benchmarks.figures import Aim, Figure
from benchmarks.loads import number_of
from benchmarks.track import Program

UNLUCKY: Final = 5
STAGE_RECORDS: Final = 20_000
SINK_RECORDS: Final = 2_000
LATENCY: Final = {"ISTHMUS_LIMIT_HANDLER_SLOTS": "20", "BENCH_LATENCY_S": "0.05"}


def measure(bench: Bench) -> Iterator[Figure]:
    """Yield the speed of healthy keys, in a stage and in a sink."""
    yield _figure(bench, "stage", records=STAGE_RECORDS, topic="bench.shipped", settings={})
    yield _figure(bench, "sink", records=SINK_RECORDS, topic="bench.outcomes", settings=LATENCY)


def is_healthy(key: bytes) -> bool:
    """Tell whether the records of a key succeed in both runs."""
    return number_of(key) % UNLUCKY != 0


def _figure(
    bench: Bench, shape: str, *, records: int, topic: str, settings: dict[str, str]
) -> Figure:
    programs: dict[str, Program] = {
        "none parked": ours(shape, **settings),
        "a fifth parked": ours(f"parking-{shape}", **settings),
    }
    measured = bench.race(
        f"parked, {shape}", programs, records=records, topic=topic, counts=is_healthy
    )
    return Figure(
        name=f"{shape}: healthy keys while 20 % of the keys are parked",
        unit="records/s",
        values=measured["a fifth parked"],
        baselines=measured["none parked"],
        against="none parked",
        aim=Aim(0.95, of_ratio=True),
    )

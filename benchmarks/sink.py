"""A sink against what its slots and the latency of the other end allow at most."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from benchmarks.bench import Bench, ours
from benchmarks.figures import Aim, Figure

SLOTS: Final = 20
LATENCY_S: Final = 0.2
KEYS: Final = 5000


def measure(bench: Bench) -> Iterator[Figure]:
    """Yield how fast a sink works off its backlog."""
    sink = ours("sink", ISTHMUS_LIMIT_HANDLER_SLOTS=f"{SLOTS}", BENCH_LATENCY_S=f"{LATENCY_S}")
    measured = bench.race("sink", {"ours": sink}, records=KEYS, topic="bench.outcomes")
    yield Figure(
        name=f"sink: {SLOTS} slots, {LATENCY_S * 1000:g} ms, {KEYS:,} keys",
        unit="records/s",
        values=measured["ours"],
        baselines=[SLOTS / LATENCY_S] * bench.runs,
        against="slots / latency",
        aim=Aim(0.97, of_ratio=True),
    )

"""A stage against a bare loop: what retry, dead letters, order, types and metrics cost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from benchmarks.bench import Bench, bare_stage, ours
from benchmarks.figures import Aim, Figure

RECORDS: Final = 20_000


def measure(bench: Bench) -> Iterator[Figure]:
    """Yield how fast a stage works off its backlog."""
    programs = {"bare loop": bare_stage(), "ours": ours("stage")}
    measured = bench.race("stage", programs, records=RECORDS, topic="bench.shipped")
    yield Figure(
        name="stage: orders in, orders out",
        unit="records/s",
        values=measured["ours"],
        baselines=measured["bare loop"],
        against="bare loop, same transactions",
        aim=Aim(0.85, of_ratio=True),
    )

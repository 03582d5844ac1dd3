"""From a record in to the record out, where nothing queues: what a stage's transactions take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from benchmarks.bench import Bench, bare_stage, ours
from benchmarks.figures import Aim, Better, Figure
from benchmarks.measures import percentile
from benchmarks.onlooker import Onlooker
from benchmarks.track import Program

PER_S: Final = 10
FOR_S: Final = 10.0
WARM_UP_S: Final = 2.0
PERCENT: Final = 99


def measure(bench: Bench) -> Iterator[Figure]:
    """Yield what all but one in a hundred records wait at most."""
    programs = {"bare loop": bare_stage(), "ours": ours("stage")}

    def runs(program: Program) -> float:
        return percentile(_delays_ms(bench, program), PERCENT)

    measured = bench.alternate(
        "latency",
        {name: lambda one=one: runs(one) for name, one in programs.items()},  # type: ignore[misc]
    )
    yield Figure(
        name=f"stage: record in to record out at {PER_S}/s, p{PERCENT}",
        unit="ms",
        values=measured["ours"],
        baselines=measured["bare loop"],
        against="bare loop, same transactions",
        better=Better.LOWER,
        aim=Aim(50),
    )


def _delays_ms(bench: Bench, program: Program) -> list[float]:
    with bench.ground.track() as run, Onlooker(run) as onlooker:
        run.launch(program)
        onlooker.passages(range(onlooker.put(), 1))
        onlooker.put_steadily(per_s=PER_S, for_s=WARM_UP_S)
        numbers = onlooker.put_steadily(per_s=PER_S, for_s=FOR_S)
        return [passage.delay_s * 1000 for passage in onlooker.passages(numbers)]

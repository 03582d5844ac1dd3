"""The memory of workers that have fallen far behind: no backlog may become memory."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

import psutil

from benchmarks.bench import Bench, ours
from benchmarks.figures import Aim, Better, Figure
from benchmarks.loads import Pair, key
from benchmarks.track import Program, Track

BACKLOG: Final = 1_000_000
DISTINCT_VALUES: Final = 10_000
FOR_S: Final = 30.0
LOOK_EVERY_S: Final = 0.1
MIB: Final = 1024 * 1024

WORKERS: Final = {
    "stage": ours("stage"),
    "sink, 20 slots, 200 ms": ours("sink"),
    "source": ours("source", BENCH_FACTS=f"{BACKLOG}"),
}


def measure(bench: Bench) -> Iterator[Figure]:
    """Yield the highest memory of each kind of worker; one run, whatever the number of runs."""
    with bench.ground.track() as run:
        bench.tell(f"rss: putting {BACKLOG:,} records in")
        run.load(_backlog(bench))
        for name, program in WORKERS.items():
            peak = _peak_mib(run, program)
            run.end()
            bench.tell(f"rss, {name}: {peak:.0f} MiB")
            yield Figure(
                name=f"memory with a backlog of {BACKLOG:,}: {name}",
                unit="MiB",
                values=[peak],
                better=Better.LOWER,
                aim=Aim(250),
            )


def _backlog(bench: Bench) -> Iterator[Pair]:
    """Yield as many records as are wanted; keys differ, values repeat."""
    values = [value for _, value in bench.pairs(DISTINCT_VALUES)]
    for number in range(BACKLOG):
        yield key(number), values[number % DISTINCT_VALUES]


def _peak_mib(run: Track, program: Program) -> float:
    process = run.launch(program)
    watched, peak = psutil.Process(process.pid), 0
    end = time.monotonic() + FOR_S
    while time.monotonic() < end:
        run.refuse_dead()
        peak = max(peak, watched.memory_info().rss)
        time.sleep(LOOK_EVERY_S)
    return peak / MIB

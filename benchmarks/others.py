"""The same two jobs with other frameworks, each in its best configuration."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from typing import Final

from benchmarks.bench import PEERS_PYTHON, Bench, ours, peer
from benchmarks.figures import Figure

STAGE_RECORDS: Final = 10_000
SINK_RECORDS: Final = 1_000
SINK: Final = {"ISTHMUS_LIMIT_HANDLER_SLOTS": "20", "BENCH_LATENCY_S": "0.2"}

FASTSTREAM: Final = "FastStream"
QUIX: Final = "Quix Streams"
PACKAGES: Final = {FASTSTREAM: "faststream", QUIX: "quixstreams"}

GUARANTEES: Final = {
    ("stage", "ours"): "exactly once, retry in key order",
    ("stage", FASTSTREAM): "at least once, no retry",
    ("stage", QUIX): "exactly once, no retry",
    ("sink", "ours"): "at least once, outcomes exactly once, retry in key order",
    ("sink", FASTSTREAM): "at least once, no retry",
    ("sink", QUIX): "at least once, no retry",
}


def measure(bench: Bench) -> Iterator[Figure]:
    """Yield our speed beside that of each framework.

    :raises RuntimeError: their virtual environment is missing.
    """
    if not PEERS_PYTHON.exists():
        raise RuntimeError(f"{PEERS_PYTHON} is missing: `make bench` makes it")
    stages = {
        "ours": ours("stage"),
        FASTSTREAM: peer("faststream_jobs", "stage"),
        QUIX: peer("quix_jobs", "stage"),
    }
    sinks = {
        "ours": ours("sink", **SINK),
        FASTSTREAM: peer("faststream_jobs", "sink", **SINK),
        QUIX: peer("quix_jobs", "sink", **SINK),
    }
    measured = bench.race("others, stage", stages, records=STAGE_RECORDS, topic="bench.shipped")
    yield from _figures("stage", measured)
    measured = bench.race("others, sink", sinks, records=SINK_RECORDS, topic="bench.outcomes")
    yield from _figures("sink", measured)


def _figures(job: str, measured: dict[str, list[float]]) -> Iterator[Figure]:
    for name in (FASTSTREAM, QUIX):
        yield Figure(
            name=f"{job}: {GUARANTEES[job, 'ours']}",
            unit="records/s",
            values=measured["ours"],
            baselines=measured[name],
            against=f"{name} {_version(name)}, {GUARANTEES[job, name]}",
        )


def _version(name: str) -> str:
    ask = f"import importlib.metadata as m; print(m.version({PACKAGES[name]!r}))"
    answer = subprocess.run([PEERS_PYTHON, "-c", ask], capture_output=True, text=True, check=True)
    return answer.stdout.strip()

"""What every benchmark is given: how often to run, where, and whom to tell."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import Final

from benchmarks import track
from benchmarks.loads import Pair, encoded
from benchmarks.measures import rate_per_s
from benchmarks.track import Ground, Program

HERE: Final = Path(__file__).parent
PEERS_PYTHON: Final = HERE / ".venv" / "bin" / "python"

Contestants = Mapping[str, Callable[[], float]]


class Bench:
    """One bench: the same number of runs for everything. Kafka starts when it is first needed."""

    def __init__(self, *, runs: int, stack: ExitStack, tell: Callable[[str], None]) -> None:
        self.runs = runs
        self.tell = tell
        self._stack = stack
        self._pairs: list[Pair] = []

    @cached_property
    def ground(self) -> Ground:
        """Return the Kafka of this bench."""
        self.tell("starting Kafka")
        return self._stack.enter_context(track.ground())

    def alternate(self, what: str, contestants: Contestants) -> dict[str, list[float]]:
        """Run all contestants in turn, and in turn from either end: what drifts, drifts for all."""
        measured: dict[str, list[float]] = {name: [] for name in contestants}
        for run in range(self.runs):
            order = list(contestants)
            for name in order if run % 2 == 0 else reversed(order):
                measured[name].append(contestants[name]())
                self.tell(
                    f"{what}, run {run + 1} of {self.runs}, {name}: {measured[name][-1]:,.4g}"
                )
        return measured

    def pairs(self, count: int) -> list[Pair]:
        """Return so many orders as they go into Kafka; they are encoded once."""
        self._pairs += encoded(self.ground.codec, range(len(self._pairs), count))
        return self._pairs[:count]

    def race(
        self,
        what: str,
        programs: Mapping[str, Program],
        *,
        records: int,
        topic: str,
        counts: Callable[[bytes], bool] = lambda key: True,
    ) -> dict[str, list[float]]:
        """Let contestants work off a load that lies in Kafka, in turn; return records a second.

        :param counts: tells of a record's key whether it is counted.
        :raises RuntimeError: not every record that counts came out once.
        """
        pairs = self.pairs(records)

        def runs(program: Program) -> Callable[[], float]:
            return lambda: self._throughput(program, pairs, topic=topic, counts=counts)

        return self.alternate(what, {name: runs(program) for name, program in programs.items()})

    def _throughput(
        self,
        program: Program,
        pairs: Sequence[Pair],
        *,
        topic: str,
        counts: Callable[[bytes], bool],
    ) -> float:
        wanted = sorted(key for key, _ in pairs if counts(key))
        with self.ground.track() as run:
            run.load(pairs)
            run.launch(program)
            run.until_read(program)
            run.until_written(topic, len(wanted))
            found = [(key, time_ms) for key, time_ms in run.arrivals(topic) if counts(key)]
        if sorted(key for key, _ in found) != wanted:
            raise RuntimeError(f"{program.command}: {len(wanted)} in, {len(found)} out")
        return rate_per_s([time_ms for _, time_ms in found])


def ours(job: str, **settings: str) -> Program:
    """Return one of our workers."""
    service = f"bench-{job.removeprefix('parking-')}"
    return Program((sys.executable, "-m", "benchmarks.workers", job), service, settings)


def bare_stage() -> Program:
    """Return the bare loop."""
    return Program((sys.executable, "-m", "benchmarks.peers.bare"), "bench-stage")


def peer(module: str, job: str, **settings: str) -> Program:
    """Return a job of another framework, run by the Python that has it."""
    command = (str(PEERS_PYTHON), "-m", f"benchmarks.peers.{module}", job)
    return Program(command, f"bench-{job}", settings)

"""One of three workers is killed and started again: how long its records wait, and all others."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from benchmarks.bench import Bench, ours
from benchmarks.figures import Aim, Better, Figure
from benchmarks.onlooker import Onlooker
from benchmarks.track import Program, Track

WORKERS: Final = 3
VICTIM: Final = 0
PER_S: Final = 60
BEFORE_S: Final = 2.0
DOWN_S: Final = 1.0
AFTER_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Recovery:
    """The longest delay of a record, in seconds.

    :param its_own: on the partitions of the killed worker, beyond the start of its process.
    :param others: on all other partitions.
    """

    its_own: float
    others: float


def measure(bench: Bench) -> Iterator[Figure]:
    """Yield the worst delays."""
    recoveries: list[Recovery] = []
    for number in range(bench.runs):
        recoveries.append(_recover(bench))
        bench.tell(f"recovery, run {number + 1} of {bench.runs}: {recoveries[-1]}")
    killed = f"kill -9 of one of {WORKERS} workers: worst delay"
    yield Figure(
        name=f"{killed} on its partitions, beyond the start of the process",
        unit="s",
        values=[one.its_own for one in recoveries],
        better=Better.LOWER,
        aim=Aim(3),
    )
    yield Figure(
        name=f"{killed} on the other partitions",
        unit="s",
        values=[one.others for one in recoveries],
        better=Better.LOWER,
        aim=Aim(1),
    )


def _recover(bench: Bench) -> Recovery:
    program = ours("stage")
    with bench.ground.track() as run, Onlooker(run) as onlooker:
        workers = [run.launch(program, slot=slot) for slot in range(WORKERS)]
        run.until(lambda: len(run.owners(program)) == WORKERS)
        _until_all_partitions_flow(run, onlooker)
        lost = _partitions_of(run, program, slot=VICTIM)
        onlooker.passages(onlooker.put_steadily(per_s=PER_S, for_s=BEFORE_S))

        run.kill(workers[VICTIM])
        first = onlooker.put_steadily(per_s=PER_S, for_s=DOWN_S).start
        began = time.monotonic()
        run.launch(program, slot=VICTIM)
        last = onlooker.put_steadily(per_s=PER_S, for_s=AFTER_S).stop

        passages = onlooker.passages(range(first, last))
    return Recovery(
        its_own=max(one.delay_beyond(began) for one in passages if one.partition in lost),
        others=max(one.delay_s for one in passages if one.partition not in lost),
    )


def _until_all_partitions_flow(run: Track, onlooker: Onlooker) -> None:
    everywhere = {one.partition for one in run.partitions("bench.shipped")}
    first = onlooker.put()

    def flow() -> bool:
        last = onlooker.put_steadily(per_s=PER_S, for_s=0.5).stop
        return onlooker.partitions(range(first, last)) == everywhere

    run.until(flow)


def _partitions_of(run: Track, program: Program, *, slot: int) -> set[int]:
    name = f"{run.group(program)}-{slot}"
    [found] = [own for member, own in run.owners(program).items() if member.startswith(name)]
    return found

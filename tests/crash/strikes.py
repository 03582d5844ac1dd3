"""Which worker is struck how and when: a track for each kind of worker, all side by side."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from isthmus.kafka.local import KafkaCluster
from tests.crash.grid import CELLS, Cell, Fault, State, kinds_of
from tests.crash.troupe import EXTRA_SLOT, SESSION_S, SLOTS, Member, Troupe

STOPPED_S: Final = SESSION_S + 2
REACH_S: Final = 40.0
RECOVERY_S: Final = {Fault.SLOW: 11.0, Fault.BROKER: 8.0, Fault.KILL: 0.5, Fault.CUT: 0.5}
TAKES_S: Final = {  # about, with all that it takes to reach the state
    Fault.KILL: 8,
    Fault.CUT: 5,
    Fault.STOP: 15,
    Fault.SLOW: 14,
    Fault.BROKER: 15,
}
TURNS_MAX: Final = 2  # so often a cell is tried that was not reached


@dataclass(frozen=True)
class Strike:
    """A cell, and the kind of worker that it is tried on."""

    kind: str
    cell: Cell


def schedule(chance: random.Random, faults: int, *, kinds: Collection[Fault]) -> list[Strike]:
    """Return every cell once, in an order of the seed, and again until there are enough.

    The tracks are to end at about the same time. Brokers are killed last: a dead broker is a fault
    to everybody, and would blur the others.
    """
    cells = [cell for cell in CELLS if cell.fault in kinds]
    order: list[Cell] = []
    while len(order) < faults:
        order += chance.sample(cells, len(cells))
    spent: Counter[str] = Counter()
    strikes = []
    for cell in sorted(order[:faults], key=lambda cell: cell.fault is Fault.BROKER):
        kind = min(kinds_of(cell), key=lambda kind: spent[kind])
        spent[kind] += TAKES_S[cell.fault]
        strikes.append(Strike(kind, cell))
    return strikes


@dataclass
class Tally:
    """What was hit and what was not reached, over all tracks."""

    wanted: int
    tell: Callable[[str], None]
    hits: Counter[Cell] = field(default_factory=Counter)
    missed: list[Strike] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, strike: Strike, *, hit: bool, seconds: float) -> None:
        """Count a strike, and say it."""
        with self._lock:
            if hit:
                self.hits[strike.cell] += 1
            else:
                self.missed.append(strike)
            done = self.hits.total() + len(self.missed)
            self.tell(
                f"{done:>3}/{self.wanted} {strike.kind:<6} {strike.cell.fault:<7}"
                f" {strike.cell.state:<17} {'hit' if hit else 'not reached':<11} {seconds:>4.0f} s"
            )


class Brokers:
    """Kills one broker at a time, and starts it again."""

    def __init__(self, kafka: KafkaCluster) -> None:
        self._kafka = kafka
        self._lock = threading.Lock()

    def kill_one(self, chance: random.Random) -> None:
        """Kill a broker of the cluster; return when it runs again."""
        with self._lock:
            node = chance.randrange(self._kafka.nodes) + 1
            self._kafka.kill(node)
            self._kafka.start(node)


class Track:
    """Strikes workers of one kind, one cell after the other.

    :param chance: of this track alone, so that a seed gives the same strikes however fast the
        others are.
    """

    def __init__(
        self,
        kind: str,
        *,
        folder: Path,
        troupe: Troupe,
        brokers: Brokers,
        tally: Tally,
        chance: random.Random,
    ) -> None:
        self._kind = kind
        self._folder = folder
        self._troupe = troupe
        self._brokers = brokers
        self._tally = tally
        self._chance = chance

    def run(self, strikes: Sequence[Strike]) -> None:
        """Strike them all; what is not reached is tried again at the end."""
        left = list(strikes)
        for turn in range(TURNS_MAX):
            is_last = turn == TURNS_MAX - 1
            left = [one for one in left if not self._try(one, is_last=is_last)]

    def _try(self, strike: Strike, *, is_last: bool) -> bool:
        began = time.monotonic()
        hit = self._strike(strike.cell)
        if hit or is_last:
            self._tally.note(strike, hit=hit, seconds=time.monotonic() - began)
        return hit

    def _strike(self, cell: Cell) -> bool:
        """Arm a worker, bring it to the state, wait until it is struck, and heal what must be."""
        extra: Member | None = None
        victim = self._troupe.members[f"{self._kind}-{self._chance.randrange(SLOTS)}"]
        if cell.state is State.SCALE_OUT:
            self._arm(f"{self._kind}-{EXTRA_SLOT}", cell)
            extra = victim = self._troupe.start(self._kind, EXTRA_SLOT)
        elif cell.state in (State.SCALE_IN, State.REBALANCE):
            # A static member that leaves is missed when its session ends, for certain; one that
            # comes back in time makes no rebalance.
            leaves = self._troupe.start(self._kind, EXTRA_SLOT)
            time.sleep(3)
            self._arm(victim.name, cell)
            self._troupe.leave(leaves)
        else:
            self._arm(victim.name, cell)
            if cell.state is State.RESTORING:
                victim.process.kill()
        hit = self._await_hit(victim)
        if hit:
            self._heal(victim, cell.fault)
        if extra is not None:
            self._troupe.leave(extra)
        return hit

    def _arm(self, worker: str, cell: Cell) -> None:
        (self._folder / f"hit-{worker}").unlink(missing_ok=True)
        path = self._folder / f"armed-{worker}"
        path.with_suffix(".new").write_text(f"{cell.state} {cell.fault}")
        path.with_suffix(".new").rename(path)

    def _await_hit(self, victim: Member) -> bool:
        hit = self._folder / f"hit-{victim.name}"
        deadline = time.monotonic() + REACH_S
        while not hit.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        (self._folder / f"armed-{victim.name}").unlink(missing_ok=True)
        return hit.exists()

    def _heal(self, victim: Member, fault: Fault) -> None:
        if fault is Fault.STOP:
            self._troupe.wake(victim, after_s=STOPPED_S)
            return
        if fault is Fault.BROKER:
            self._brokers.kill_one(self._chance)
            (self._folder / f"wants-broker-{victim.name}").unlink(missing_ok=True)
        time.sleep(RECOVERY_S[fault])


def side_by_side(tracks: dict[str, Track], strikes: Sequence[Strike]) -> None:
    """Run all tracks at once.

    :raises RuntimeError: one of them broke down.
    """
    broken: list[BaseException] = []

    def run(kind: str, track: Track) -> None:
        try:
            track.run([one for one in strikes if one.kind == kind])
        except BaseException as error:  # noqa: BLE001 - told on the thread that waits
            broken.append(error)

    threads = [threading.Thread(target=run, args=each, daemon=True) for each in tracks.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if broken:
        raise RuntimeError(f"{len(broken)} of {len(tracks)} tracks broke down") from broken[0]

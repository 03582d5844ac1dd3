"""Which faults strike in which states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """What is done to a worker."""

    KILL = "kill"
    STOP = "stop"  # SIGSTOP beyond the session time-out
    SLOW = "slow"  # busy beyond max.poll.interval
    CUT = "cut"  # its connections to the brokers
    BROKER = "broker"  # kill -9 of a broker, and restart


class State(StrEnum):
    """Where a worker is when it is struck."""

    EFFECT_SENT = "effect-sent"
    TRANSACTION_OPEN = "transaction-open"
    OFFSETS_SENT = "offsets-sent"
    END_TXN = "end-txn"
    REBALANCE = "rebalance"
    SCALE_OUT = "scale-out"
    SCALE_IN = "scale-in"
    RESTORING = "restoring"
    KEY_PARKED = "key-parked"
    KEY_HELD = "key-held"
    REPLAY = "replay"


@dataclass(frozen=True)
class Cell:
    """One square of the report."""

    fault: Fault
    state: State


EVERY_KIND = ("source", "stage", "sink")
KINDS_OF = {
    State.EFFECT_SENT: ("sink",),
    State.OFFSETS_SENT: ("stage", "sink"),
    State.KEY_PARKED: ("stage", "sink"),
    State.KEY_HELD: ("stage", "sink"),
    State.REPLAY: ("stage", "sink"),
}
CELLS = tuple(Cell(fault, state) for state in State for fault in Fault)


def kinds_of(cell: Cell) -> tuple[str, ...]:
    """Return the kinds of workers that can be struck so: a source parks and holds nothing."""
    return KINDS_OF.get(cell.state, EVERY_KIND)


def table(hits: Mapping[Cell, int]) -> str:
    """Write the grid of fault kind and state with the number of hits."""
    width = max(len(state) for state in State)
    head = " " * width + "".join(f"{fault:>9}" for fault in Fault)
    rows = [
        f"{state:<{width}}" + "".join(f"{hits.get(Cell(fault, state), 0):>9}" for fault in Fault)
        for state in State
    ]
    return "\n".join([head, *rows])

"""The flow survives what strikes it: every cell of the grid once, and the invariants hold."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from isthmus.ops.settings import LocalKafkaSettings, load
from tests.crash import conductor, grid

FAULTS = 62
SEED = 1
# A state that a busy machine does not bring a worker to, in three turns of 40 s, is not a fault
# of the product; but the run must have struck often and almost everywhere.
HITS_MIN = 58
CELLS_MIN = len(grid.CELLS) - 3


@pytest.mark.crash
@pytest.mark.timeout(900)
def test_no_invariant_breaks_under_seeded_faults(report: Callable[[str], None]) -> None:
    mode = load(LocalKafkaSettings).mode
    embedded = mode == conductor.MODE_EMBEDDED  # else no broker is killed

    verdict = conductor.run(seed=SEED, faults=FAULTS, mode=mode, tell=lambda _: None)

    report(f"{verdict.hits.total()} faults in {verdict.seconds:.0f} s\n{grid.table(verdict.hits)}")
    assert verdict.broken == {}
    assert verdict.hits.total() >= HITS_MIN, verdict.missed
    assert len(verdict.hits) >= CELLS_MIN or not embedded, verdict.missed
    assert len(verdict.evidence.effects) > 1000

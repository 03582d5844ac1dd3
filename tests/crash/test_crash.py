"""The flow survives what strikes it: a part of the grid; ``make crash FAULTS=62`` is all of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from isthmus.ops.settings import LocalKafkaSettings, load
from tests.crash import conductor, grid

FAULTS = 30
SEED = 1
# A broker that dies is left to ``make crash``: a single node that is killed again and again can be
# left with a transaction that never ends, which no worker can mend.
KINDS = tuple(fault for fault in grid.Fault if fault is not grid.Fault.BROKER)
# A state that a busy machine does not bring a worker to, in two turns of 40 s, is no fault of the
# product; but the run must have struck often.
HITS_MIN = 26


@pytest.mark.crash
@pytest.mark.timeout(900)
def test_no_invariant_breaks_under_seeded_faults(report: Callable[[str], None]) -> None:
    mode = load(LocalKafkaSettings).mode

    verdict = conductor.run(seed=SEED, faults=FAULTS, mode=mode, kinds=KINDS, tell=lambda _: None)

    report(f"{verdict.hits.total()} faults in {verdict.seconds:.0f} s\n{grid.table(verdict.hits)}")
    assert verdict.broken == {}
    assert verdict.hits.total() >= HITS_MIN, verdict.missed
    assert len(verdict.evidence.effects) > 1000

"""The flow survives what strikes it: every square of the grid."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from isthmus.ops.settings import LocalKafkaSettings, load
from tests.crash import conductor, grid

FAULTS = 60
SEED = 1
# A state that a busy machine does not bring a worker to, in two turns of 40 s, is no fault of the
# product; but the run must have struck often.
HITS_MIN = 54


@pytest.mark.crash
@pytest.mark.timeout(900)
def test_no_invariant_breaks_under_seeded_faults(report: Callable[[str], None]) -> None:
    mode = load(LocalKafkaSettings).mode

    verdict = conductor.run(seed=SEED, faults=FAULTS, mode=mode, tell=lambda _: None)

    report(f"{verdict.hits.total()} faults in {verdict.seconds:.0f} s\n{grid.table(verdict.hits)}")
    assert verdict.broken == {}
    assert verdict.hits.total() >= HITS_MIN, verdict.missed
    assert len(verdict.evidence.effects) > 1000

"""The flow survives what strikes it: a short run; ``make crash FAULTS=60`` is the long one."""

from __future__ import annotations

import pytest

from isthmus.ops.settings import LocalKafkaSettings, load
from tests.crash import conductor, grid

FAULTS = 10
SEED = 1


@pytest.mark.crash
@pytest.mark.timeout(540)
def test_no_invariant_breaks_under_seeded_faults() -> None:
    mode = load(LocalKafkaSettings).mode

    verdict = conductor.run(seed=SEED, faults=FAULTS, mode=mode)

    print(f"\n{grid.table(verdict.hits)}")  # noqa: T201 - the report of the run
    assert verdict.broken == {}
    assert verdict.hits.total() >= FAULTS // 2, verdict.missed
    assert len(verdict.evidence.effects) > 1000

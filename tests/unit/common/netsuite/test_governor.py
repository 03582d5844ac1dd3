"""So many requests at once."""

from __future__ import annotations

import pytest

from isthmus.netsuite.governor import FixedConcurrency, NoPermit
from isthmus.netsuite.intent import NO_HURRY
from isthmus.testing.clock import VirtualClock


class TestFixedConcurrency:
    def test_refuses_one_too_many_at_its_deadline(self) -> None:
        clock = VirtualClock()
        governor = FixedConcurrency(2, clock=clock)

        with (
            governor.acquire(deadline=0, priority=NO_HURRY),
            governor.acquire(deadline=0, priority=NO_HURRY),
            pytest.raises(NoPermit),
            governor.acquire(deadline=0, priority=NO_HURRY),
        ):
            pytest.fail("a third permit was given")

    def test_gives_the_permit_back_also_after_an_error(self) -> None:
        governor = FixedConcurrency(1, clock=VirtualClock())

        with (
            pytest.raises(ValueError, match="inside"),
            governor.acquire(deadline=0, priority=NO_HURRY),
        ):
            raise ValueError("inside")

        with governor.acquire(deadline=0, priority=NO_HURRY):
            pass

    def test_refuses_to_let_nothing_through(self) -> None:
        with pytest.raises(ValueError, match="0 permits"):
            FixedConcurrency(0, clock=VirtualClock())

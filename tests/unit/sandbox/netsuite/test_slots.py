"""The concurrency limit."""

from __future__ import annotations

import pytest

from isthmus_sandbox.netsuite.problems import Problem
from isthmus_sandbox.netsuite.traffic.slots import Limit, Slots


def block(slots: Slots) -> Problem:
    with pytest.raises(Problem) as blocked, slots.taken():
        raise AssertionError("a slot too many")
    return blocked.value


class TestSlots:
    def test_block_the_request_beyond_the_limit(self) -> None:
        slots = Slots(Limit(concurrency=1), seed=1)

        with slots.taken():
            problem = block(slots)

        assert (problem.status, problem.codes()) == (429, ["CONCURRENCY_LIMIT_EXCEEDED"])

    def test_are_free_again_after_a_failure(self) -> None:
        slots = Slots(Limit(concurrency=1), seed=1)

        with pytest.raises(ValueError, match="broken"), slots.taken():
            raise ValueError("broken")

        with slots.taken() as in_use:
            assert in_use == 1

    def test_tell_a_share_of_the_blocked_in_the_other_form(self) -> None:
        slots = Slots(Limit(concurrency=1, share_as_400=0.5), seed=1)

        with slots.taken():
            problems = [block(slots) for _ in range(100)]

        assert {problem.codes()[0] for problem in problems} == {"CONCURRENCY_LIMIT_EXCEEDED"}
        assert 30 < sum(problem.status == 400 for problem in problems) < 70

    def test_remember_what_they_met(self) -> None:
        slots = Slots(Limit(concurrency=2), seed=1)

        with slots.taken(), slots.taken():
            block(slots)

        assert slots.describe() | {"concurrency": 2, "share_as_400": 0.0} == slots.describe()
        assert (slots.in_use, slots.peak, slots.blocked) == (0, 2, 1)

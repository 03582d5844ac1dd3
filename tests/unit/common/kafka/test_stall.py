"""When standing still is a stall."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import cast

import pytest

from isthmus.kafka.execution import Execution
from isthmus.kafka.lane import Lane
from isthmus.kafka.stall import Stalled, StallWatch
from isthmus.testing.clock import VirtualClock


@dataclass
class Busy:
    """A lane and an execution, as far as the watch looks at them."""

    in_flight: int = 1
    has_ready: bool = False
    tally: Counter[tuple[str, str, str]] = field(default_factory=Counter)


class Watched:
    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.busy = Busy()
        self.watch = StallWatch(self.clock, bound_s=120)
        self.look()

    def look(self, *, after_s: float = 0) -> bool:
        self.clock.advance(after_s)
        self.watch.look([cast("Lane", self.busy)], cast("Execution", self.busy))
        return self.watch.is_suspicious


class TestStallWatch:
    def test_is_suspicious_at_half_of_its_bound(self) -> None:
        one = Watched()

        assert not one.look(after_s=59)
        assert one.look(after_s=2)

    def test_is_at_ease_when_something_moves(self) -> None:
        one = Watched()
        one.look(after_s=61)

        one.busy.tally["ok", "", ""] += 1

        assert not one.look()

    def test_is_at_ease_when_there_is_nothing_to_do(self) -> None:
        one = Watched()
        one.busy.in_flight = 0

        assert not one.look(after_s=1000)

    def test_ends_it_at_its_bound(self) -> None:
        one = Watched()

        with pytest.raises(Stalled, match="no record was finished in 120 s"):
            one.look(after_s=121)

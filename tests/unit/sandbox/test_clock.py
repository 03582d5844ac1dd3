from __future__ import annotations

from datetime import UTC, timedelta

import pytest

from isthmus_sandbox.clock import Clock


class TestClock:
    def test_divides_durations_by_its_factor(self) -> None:
        assert Clock(60).scaled(120) == 2

    def test_leaves_the_wall_clock_alone(self) -> None:
        fast, real = Clock(1000).now(), Clock().now()

        assert fast.tzinfo is UTC
        assert real - fast < timedelta(seconds=1)

    def test_never_slows_down(self) -> None:
        with pytest.raises(ValueError, match="must be 1 or more"):
            Clock(0.5)

"""Time, real and virtual."""

from __future__ import annotations

import threading
from datetime import UTC, timedelta

import pytest

from isthmus.ops.clock import Clock, SystemClock
from isthmus.testing.clock import START, VirtualClock


@pytest.mark.parametrize("kind", [SystemClock, VirtualClock])
class TestScaled:
    def test_divides_by_the_factor(self, kind: type[SystemClock] | type[VirtualClock]) -> None:
        clock: Clock = kind(factor=60)

        assert clock.scaled(120) == 2

    def test_is_the_duration_itself_by_default(
        self, kind: type[SystemClock] | type[VirtualClock]
    ) -> None:
        clock: Clock = kind()

        assert clock.scaled(120) == 120


class TestSystemClock:
    def test_tells_the_time_in_utc(self) -> None:
        assert SystemClock().now().tzinfo is UTC

    def test_never_runs_backwards(self) -> None:
        clock = SystemClock()

        assert clock.monotonic() <= clock.monotonic()

    @pytest.mark.parametrize("factor", [0.5, 0, -1, float("nan")])
    def test_refuses_a_factor_that_stretches_time(self, factor: float) -> None:
        with pytest.raises(ValueError, match="clock factor"):
            SystemClock(factor=factor)

    def test_stops_waiting_when_it_is_woken(self) -> None:
        wake = threading.Event()
        wake.set()

        assert SystemClock().wait(wake, seconds=3600)

    def test_stops_waiting_when_the_scaled_time_is_over(self) -> None:
        assert not SystemClock(factor=1e9).wait(threading.Event(), seconds=1000)


class TestVirtualClock:
    def test_stands_still_by_itself(self) -> None:
        clock = VirtualClock()

        assert (clock.now(), clock.monotonic()) == (START, 0)

    def test_moves_both_times_when_it_is_advanced(self) -> None:
        clock = VirtualClock()

        clock.advance(90)

        assert clock.now() == START + timedelta(seconds=90)
        assert clock.monotonic() == 90

    def test_advances_by_the_scaled_time_when_somebody_sleeps(self) -> None:
        clock = VirtualClock(factor=10)

        clock.sleep(30)

        assert clock.monotonic() == 3
        assert clock.sleeps == [30]

    def test_does_not_move_for_a_wait_that_is_over_already(self) -> None:
        clock, wake = VirtualClock(), threading.Event()
        wake.set()

        assert clock.wait(wake, seconds=30)
        assert clock.monotonic() == 0

    def test_refuses_to_run_backwards(self) -> None:
        with pytest.raises(ValueError, match="backwards"):
            VirtualClock().advance(-1)

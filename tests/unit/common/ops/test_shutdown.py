"""The end of a process, asked for by signals."""

from __future__ import annotations

import math
import signal

import pytest

from isthmus.ops.shutdown import Shutdown
from isthmus.testing.clock import VirtualClock

WAIT_S = 10


class Exits:
    def __init__(self) -> None:
        self.codes: list[int] = []

    def __call__(self, code: int) -> None:
        self.codes.append(code)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


class TestShutdown:
    def test_is_not_requested_by_itself(self, clock: VirtualClock) -> None:
        with Shutdown(drain_s=25, clock=clock) as shutdown:
            assert not shutdown.requested
            assert shutdown.remaining_s == math.inf

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_is_requested_by_a_signal(self, clock: VirtualClock, number: signal.Signals) -> None:
        clock.advance(100)

        with Shutdown(drain_s=25, clock=clock) as shutdown:
            signal.raise_signal(number)

            assert shutdown.requested
            assert shutdown.deadline == 125

    def test_wakes_whoever_waits(self, clock: VirtualClock) -> None:
        with Shutdown(drain_s=25, clock=clock) as shutdown:
            signal.raise_signal(signal.SIGTERM)

            assert shutdown.woken.wait(WAIT_S)

    def test_is_requested_by_the_program_too(self, clock: VirtualClock) -> None:
        with Shutdown(drain_s=25, clock=clock) as shutdown:
            shutdown.request("fenced")

            assert shutdown.woken.wait(WAIT_S)
            assert shutdown.deadline == 25

    def test_keeps_the_first_deadline(self, clock: VirtualClock) -> None:
        with Shutdown(drain_s=25, clock=clock) as shutdown:
            shutdown.request("first")
            clock.advance(10)
            shutdown.request("second")

            assert shutdown.deadline == 25
            assert shutdown.remaining_s == 15

    def test_has_no_time_left_after_the_deadline(self, clock: VirtualClock) -> None:
        with Shutdown(drain_s=25, clock=clock) as shutdown:
            shutdown.request("first")
            clock.advance(26)

            assert shutdown.remaining_s == 0

    def test_ends_the_process_at_the_second_signal(self, clock: VirtualClock) -> None:
        exits = Exits()
        with Shutdown(drain_s=25, clock=clock, exit_now=exits) as shutdown:
            signal.raise_signal(signal.SIGTERM)
            assert exits.codes == []

            signal.raise_signal(signal.SIGTERM)

            assert exits.codes == [143]
            assert shutdown.requested

    def test_lets_a_drain_of_its_own_go_on_at_the_first_signal(self, clock: VirtualClock) -> None:
        exits = Exits()
        with Shutdown(drain_s=25, clock=clock, exit_now=exits) as shutdown:
            shutdown.request("fenced")

            signal.raise_signal(signal.SIGTERM)

            assert exits.codes == []

    def test_puts_the_former_handlers_back(self, clock: VirtualClock) -> None:
        former = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]

        with Shutdown(drain_s=25, clock=clock):
            pass

        assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)] == former

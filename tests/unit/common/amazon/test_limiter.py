"""Token buckets of our own."""

from __future__ import annotations

import threading

import pytest

from isthmus.amazon.limiter import HEADROOM, LATENESS_S, Limiter
from isthmus.amazon.operations import SEARCH_ORDERS, Operation, Quota
from isthmus.core.errors import Retryable
from isthmus.testing.clock import VirtualClock

OPERATION = Operation("getThing", Quota(rate_per_s=0.5, burst=3))
REFILL_S = 1 / (0.5 * HEADROOM)
NEXT_S = REFILL_S + LATENESS_S


def drained(clock: VirtualClock, *, wait_max_s: float = 0) -> Limiter:
    limiter = Limiter(clock=clock, wait_max_s=wait_max_s)
    for _ in range(OPERATION.quota.burst):
        limiter.take(account="acme-us", operation=OPERATION)
    return limiter


def wait_told(limiter: Limiter, *, operation: Operation = OPERATION) -> float:
    with pytest.raises(Retryable) as refusal:
        limiter.take(account="acme-us", operation=operation)
    assert refusal.value.after_s is not None
    return refusal.value.after_s


class TestLimiter:
    def test_lets_a_burst_through_at_once(self) -> None:
        clock = VirtualClock()

        drained(clock)

        assert clock.sleeps == []

    def test_says_when_the_next_turn_comes(self) -> None:
        limiter = drained(VirtualClock())

        assert wait_told(limiter) == pytest.approx(NEXT_S)

    def test_takes_no_turn_of_a_caller_it_refused(self) -> None:
        limiter = drained(VirtualClock())

        assert wait_told(limiter) == wait_told(limiter)

    def test_waits_in_place_up_to_its_bound(self) -> None:
        clock = VirtualClock()
        limiter = drained(clock, wait_max_s=NEXT_S)

        limiter.take(account="acme-us", operation=OPERATION)

        assert clock.sleeps == [pytest.approx(NEXT_S)]

    def test_shifts_its_turns_without_thinning_them_out(self) -> None:
        clock = VirtualClock()
        limiter = drained(clock, wait_max_s=1000)

        for _ in range(50):
            limiter.take(account="acme-us", operation=OPERATION)

        assert clock.monotonic() == pytest.approx(50 * REFILL_S + LATENESS_S)

    def test_gives_a_full_bucket_of_one_at_once(self) -> None:
        clock = VirtualClock()
        limiter = Limiter(clock=clock, wait_max_s=0)
        single = Operation("getOther", Quota(rate_per_s=0.5, burst=1))
        for _ in range(3):
            limiter.take(account="acme-us", operation=single)
            clock.advance(NEXT_S)

        assert clock.sleeps == []

    def test_refills_with_time(self) -> None:
        clock = VirtualClock()
        limiter = drained(clock)
        clock.advance(NEXT_S * 1.01)

        limiter.take(account="acme-us", operation=OPERATION)

        assert wait_told(limiter) > 0

    def test_never_holds_more_than_the_burst(self) -> None:
        clock = VirtualClock()
        limiter = Limiter(clock=clock, wait_max_s=0)
        clock.advance(1_000_000)

        for _ in range(OPERATION.quota.burst):
            limiter.take(account="acme-us", operation=OPERATION)

        assert wait_told(limiter) == pytest.approx(NEXT_S)

    def test_refills_faster_by_the_clock_factor_and_waits_in_seconds_of_the_outside(self) -> None:
        clock = VirtualClock(factor=60)
        limiter = drained(clock)
        clock.advance(LATENESS_S + REFILL_S / 60 / 2)

        assert wait_told(limiter) == pytest.approx(REFILL_S / 2)

    def test_keeps_accounts_apart(self) -> None:
        limiter = drained(VirtualClock())

        limiter.take(account="acme-eu", operation=OPERATION)

    def test_keeps_operations_apart(self) -> None:
        limiter = drained(VirtualClock())

        limiter.take(account="acme-us", operation=SEARCH_ORDERS)

    def test_goes_by_the_rate_that_it_learns(self) -> None:
        limiter = drained(VirtualClock())

        limiter.learn(account="acme-us", operation=OPERATION, rate_per_s=5)

        assert wait_told(limiter) == pytest.approx(1 / (5 * HEADROOM) + LATENESS_S)

    @pytest.mark.parametrize("nonsense", [0, -1, float("nan"), float("inf")])
    def test_learns_nothing_from_nonsense(self, nonsense: float) -> None:
        limiter = drained(VirtualClock())

        limiter.learn(account="acme-us", operation=OPERATION, rate_per_s=nonsense)

        assert wait_told(limiter) == pytest.approx(NEXT_S)

    def test_starts_from_nothing_after_amazon_found_its_own_empty(self) -> None:
        limiter = Limiter(clock=VirtualClock(), wait_max_s=0)

        wait_s = limiter.empty(account="acme-us", operation=OPERATION)

        assert wait_s == pytest.approx(REFILL_S)
        assert wait_told(limiter) == pytest.approx(REFILL_S)

    def test_gives_threads_turns_of_their_own(self) -> None:
        clock = VirtualClock()
        limiter = drained(clock, wait_max_s=1_000_000)
        barrier = threading.Barrier(8)

        def take() -> None:
            barrier.wait()
            limiter.take(account="acme-us", operation=OPERATION)

        threads = [threading.Thread(target=take) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(clock.sleeps) == 8
        assert clock.monotonic() >= 8 * REFILL_S * 0.99

from __future__ import annotations

import pytest

from isthmus_sandbox.amazon.quota import DEFAULT_PLANS, SEARCH_ORDERS, Quotas, TokenBucket
from tests.unit.sandbox.stopped_clock import StoppedClock


class TestTokenBucket:
    def test_lets_the_burst_through_and_no_more(self) -> None:
        bucket = TokenBucket(rate=0.5, burst=3, now_s=0)

        assert [bucket.take(0) for _ in range(4)] == [True, True, True, False]

    def test_fills_again_at_its_rate(self) -> None:
        bucket = TokenBucket(rate=0.5, burst=1, now_s=0)
        bucket.take(0)

        assert not bucket.take(1.9)
        assert bucket.take(2.0)

    def test_never_holds_more_than_the_burst(self) -> None:
        bucket = TokenBucket(rate=0.5, burst=2, now_s=0)

        assert [bucket.take(1e6) for _ in range(3)] == [True, True, False]


class TestQuotas:
    @pytest.mark.parametrize("factor", [1, 60])
    def test_scale_the_time_to_refill(self, factor: int) -> None:
        clock = StoppedClock(factor)
        quotas = Quotas(clock)
        plan = DEFAULT_PLANS[SEARCH_ORDERS]

        def take() -> bool:
            return quotas.take(account="a", operation=SEARCH_ORDERS, plan=plan)

        assert [take() for _ in range(21)] == [True] * 20 + [False]
        clock.advance(178 / factor)
        assert not take()
        clock.advance(1 / factor)
        assert take()

    def test_keep_accounts_and_operations_apart(self) -> None:
        quotas = Quotas(StoppedClock())
        plan = DEFAULT_PLANS[SEARCH_ORDERS]
        while quotas.take(account="a", operation=SEARCH_ORDERS, plan=plan):
            pass

        assert quotas.take(account="b", operation=SEARCH_ORDERS, plan=plan)
        assert quotas.take(account="a", operation="getOrder", plan=plan)

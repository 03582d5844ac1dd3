"""Amazon's usage plans: one token bucket per seller account and operation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from isthmus_sandbox.clock import Clock


@dataclass(frozen=True, slots=True)
class UsagePlan:
    """Requests per second, and how many may come at once after a rest."""

    rate: float
    burst: int


SEARCH_ORDERS: Final = "searchOrders"
GET_ORDER: Final = "getOrder"
DEFAULT_PLANS: Final = {
    SEARCH_ORDERS: UsagePlan(rate=0.0056, burst=20),
    GET_ORDER: UsagePlan(rate=0.5, burst=30),
}


class TokenBucket:
    """Full at the start, refilled at a rate, capped at the burst."""

    def __init__(self, *, rate: float, burst: int, now_s: float) -> None:
        self._rate = rate
        self._burst = burst
        self._level = float(burst)
        self._seen_s = now_s

    def take(self, now_s: float) -> bool:
        """Take one token; False, and none taken, when there is none."""
        self._level = min(self._burst, self._level + (now_s - self._seen_s) * self._rate)
        self._seen_s = now_s
        if self._level < 1:
            return False
        self._level -= 1
        return True


class Quotas:
    """The buckets of all accounts; as many as there are accounts times operations."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._buckets: dict[tuple[str, str], TokenBucket] = {}

    def take(self, *, account: str, operation: str, plan: UsagePlan) -> bool:
        """Return whether the account may call the operation now, and count the call if so."""
        now_s = self._clock.monotonic()
        bucket = self._buckets.get((account, operation))
        if bucket is None:
            # The clock factor divides the time to refill, so it multiplies the rate.
            rate = plan.rate * self._clock.factor
            bucket = TokenBucket(rate=rate, burst=plan.burst, now_s=now_s)
            self._buckets[account, operation] = bucket
        return bucket.take(now_s)

"""Token buckets of our own, so that Amazon's are never found empty."""

from __future__ import annotations

import threading
from typing import Final

from isthmus.amazon.operations import Operation
from isthmus.core.errors import Retryable
from isthmus.ops.clock import Clock

# Ours refills a little slower than Amazon's: requests sent evenly arrive unevenly.
HEADROOM: Final = 0.99
# Amazon counts a request when it arrives, so its bucket begins to refill later than ours; so much
# later at most, in seconds here. It shifts the turns, and does not thin them out.
LATENESS_S: Final = 0.1
RATE_PER_S_MAX: Final = 10_000.0


class Limiter:
    """The buckets of all accounts and operations of this process; safe for threads.

    Rates and waits are those of the outside world: the clock's factor shortens them here.

    :param wait_max_s: the longest wait in place; a longer one is told to the caller.
    """

    def __init__(self, *, clock: Clock, wait_max_s: float) -> None:
        self._clock = clock
        self._wait_max_s = wait_max_s
        self._lock = threading.Lock()
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def take(self, *, account: str, operation: Operation) -> None:
        """Wait for the operation's turn.

        :raises Retryable: the turn comes too late to wait for; it says when.
        """
        with self._lock:
            wait_s = self._bucket(account, operation).reserve(
                self._now_s(), wait_max_s=self._wait_max_s
            )
        if wait_s > self._wait_max_s:
            raise Retryable(
                f"the quota of {operation.name} for {account} is used up",
                reason_class="quota",
                after_s=wait_s,
            )
        if wait_s > 0:
            self._clock.sleep(wait_s)

    def learn(self, *, account: str, operation: Operation, rate_per_s: float) -> None:
        """Go by the rate that Amazon granted in an answer."""
        if 0 < rate_per_s <= RATE_PER_S_MAX:
            with self._lock:
                self._bucket(account, operation).change(self._now_s(), rate_per_s=rate_per_s)

    def empty(self, *, account: str, operation: Operation) -> float:
        """Take note that Amazon's bucket is empty; return the seconds until it holds a token."""
        with self._lock:
            return self._bucket(account, operation).empty(self._now_s())

    def _bucket(self, account: str, operation: Operation) -> _Bucket:
        key = (account, operation.name)
        if key not in self._buckets:
            lateness_s = LATENESS_S * self._clock.factor
            self._buckets[key] = _Bucket(operation, now_s=self._now_s(), lateness_s=lateness_s)
        return self._buckets[key]

    def _now_s(self) -> float:
        return self._clock.monotonic() * self._clock.factor


class _Bucket:
    """One bucket. A level below zero is a queue of callers who wait for their reserved turn.

    :param lateness_s: how long after a full bucket is first drawn from it begins to refill.
    """

    def __init__(self, operation: Operation, *, now_s: float, lateness_s: float) -> None:
        self._rate_per_s = operation.quota.rate_per_s * HEADROOM
        self._burst = float(operation.quota.burst)
        self._level = self._burst
        self._at_s = now_s
        self._lateness_s = lateness_s

    def reserve(self, now_s: float, *, wait_max_s: float) -> float:
        self._refill(now_s)
        wait_s = self._until_next_s(now_s)
        if wait_s <= wait_max_s:
            if self._level >= self._burst:
                self._at_s = now_s + self._lateness_s
            self._level -= 1
        return wait_s

    def change(self, now_s: float, *, rate_per_s: float) -> None:
        self._refill(now_s)
        self._rate_per_s = rate_per_s * HEADROOM

    def empty(self, now_s: float) -> float:
        self._refill(now_s)
        self._level = min(self._level, 0.0)
        self._at_s = now_s
        return self._until_next_s(now_s)

    def _until_next_s(self, now_s: float) -> float:
        if self._level >= 1:
            return 0.0
        return self._at_s - now_s + (1 - self._level) / self._rate_per_s

    def _refill(self, now_s: float) -> None:
        if now_s > self._at_s:
            gained = (now_s - self._at_s) * self._rate_per_s
            self._level = min(self._burst, self._level + gained)
            self._at_s = now_s

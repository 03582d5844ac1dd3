"""The operations that are called, with Amazon's default quotas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Quota:
    """A token bucket, as Amazon keeps one per (account, application, operation)."""

    rate_per_s: float
    burst: int


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation by Amazon's name, and the quota that holds until an answer tells another."""

    name: str
    quota: Quota


SEARCH_ORDERS: Final = Operation("searchOrders", Quota(rate_per_s=0.0056, burst=20))

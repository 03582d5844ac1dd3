"""Arithmetic on times: rates and percentiles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import linear_regression

WARM_UP = 0.2


def rate_per_s(times_ms: Sequence[int], *, warm_up: float = WARM_UP) -> float:
    """Return how many came a second, after the first of them are left out as a warm-up.

    It is the slope of the line through the count over time: who delivers in batches neither gains
    nor loses by where the warm-up ends.

    :param times_ms: when each came.
    :raises ValueError: all came in one moment.
    """
    counted = sorted(times_ms)[int(len(times_ms) * warm_up) :]
    if counted[0] == counted[-1]:
        raise ValueError(f"{len(times_ms)} records came in one moment: the load is too small")
    return linear_regression(counted, range(len(counted))).slope * 1000


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the least value that so many percent do not exceed."""
    ordered = sorted(values)
    return ordered[max(math.ceil(len(ordered) * percent / 100), 1) - 1]

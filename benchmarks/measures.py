"""Arithmetic on times: rates and percentiles."""

from __future__ import annotations

import math
from collections.abc import Sequence

WARM_UP = 0.2


def rate_per_s(times_ms: Sequence[int], *, warm_up: float = WARM_UP) -> float:
    """Return how many came a second, after the first of them are left out as a warm-up.

    :param times_ms: when each came. What came together with the last of the warm-up is left out
        with it: a batch counts wholly or not at all.
    :raises ValueError: all came in one moment.
    """
    ordered = sorted(times_ms)
    began = ordered[int(len(ordered) * warm_up)]
    counted = sum(1 for time in ordered if time > began)
    if not counted:
        raise ValueError(f"{len(ordered)} records came in one moment: the load is too small")
    return counted * 1000 / (ordered[-1] - began)


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the least value that so many percent do not exceed."""
    ordered = sorted(values)
    return ordered[max(math.ceil(len(ordered) * percent / 100), 1) - 1]

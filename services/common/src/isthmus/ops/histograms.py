"""Histograms that take many values at once: what a loop measured since it last told."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

from prometheus_client import Histogram


def observe_all(histogram: Histogram, values: Iterable[float]) -> None:
    """Observe all of them, as ``observe`` does one by one.

    One by one, each value pays for locks and a search: more than a fast stage spends on a record
    otherwise.
    """
    ordered = sorted(values)
    seen = 0
    histogram._sum.inc(sum(ordered))  # noqa: SLF001 - the library has no such call; a test holds it
    for bucket, bound in zip(
        histogram._buckets,  # noqa: SLF001
        histogram._upper_bounds,  # noqa: SLF001
        strict=True,
    ):
        upto = bisect_right(ordered, bound, seen)
        if upto > seen:
            bucket.inc(upto - seen)
            seen = upto

"""Many values at once count as one by one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Histogram, generate_latest

from isthmus.ops.histograms import observe_all

BOUNDS = (0.1, 0.5, 1.0, 10.0)
VALUES = st.lists(st.sampled_from((0.0, 0.05, 0.1, 0.2, 0.5, 0.7, 1.0, 5.0, 10.0, 11.0)))


def served(values: list[float], *, at_once: bool) -> bytes:
    registry = CollectorRegistry()
    histogram = Histogram("one_seconds", "One", ("group",), registry=registry, buckets=BOUNDS)
    child = histogram.labels("mapper")
    if at_once:
        observe_all(child, values)
    for value in [] if at_once else sorted(values):
        child.observe(value)
    return generate_latest(registry).partition(b"_created")[0]


class TestObserveAll:
    @given(VALUES)
    def test_serves_what_observing_one_by_one_does(self, values: list[float]) -> None:
        assert served(values, at_once=True) == served(values, at_once=False)

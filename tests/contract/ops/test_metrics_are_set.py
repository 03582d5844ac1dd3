"""A metric that nothing sets looks like one that is fine."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

import pytest
from prometheus_client import Gauge

from isthmus.ops.declared import Declared
from isthmus.ops.metrics import Metrics

from .references import ROOT, uses


def all_metrics() -> Iterator[type[Metrics]]:
    """Yield the metrics of the library, and those that services add."""
    yield Metrics
    for path in sorted(ROOT.glob("services/*/src/isthmus_*/metrics.py")):
        for value in vars(importlib.import_module(f"{path.parent.name}.metrics")).values():
            if isinstance(value, type) and issubclass(value, Metrics) and value is not Metrics:
                yield value


def unset(metrics: type[Metrics]) -> set[str]:
    """Return the metrics of a class that no program takes in hand."""
    declared = {name for name, one in vars(metrics).items() if isinstance(one, Declared)}
    return declared - {name for by, name in uses() if by.lstrip("_") == "metrics"}


class TestEveryMetric:
    @pytest.mark.parametrize("metrics", list(all_metrics()), ids=lambda one: one.__name__)
    def test_is_set_somewhere(self, metrics: type[Metrics]) -> None:
        assert unset(metrics) == set()


class TestTheCheck:
    def test_finds_a_planted_metric_without_values(self) -> None:
        class Planted(Metrics):
            nonsense = Declared(Gauge, "isthmus_nonsense", "Nonsense")

        assert unset(Planted) == {"nonsense"}

"""Gauges whose label sets come and go with what a process owns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from prometheus_client import Gauge

Labels = tuple[str, ...]


@dataclass(slots=True)
class Shown:
    """What is shown now. A partition that went to another worker must not be shown by two."""

    _labels: dict[Gauge, set[Labels]] = field(default_factory=dict)

    def show(self, gauge: Gauge, values: Mapping[Labels, float]) -> None:
        """Set these, and take away what is no longer among them."""
        for labels, value in values.items():
            gauge.labels(*labels).set(value)
        for gone in self._labels.get(gauge, set()) - values.keys():
            gauge.remove(*gone)
        self._labels[gauge] = set(values)

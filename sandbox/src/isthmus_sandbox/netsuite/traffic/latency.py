"""How long NetSuite takes, by Oracle's own benchmark of transaction imports."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

# Transactions per hour, by connections (rows) and lines per transaction (columns).
_LINES: Final = (3.0, 5.0, 10.0, 20.0, 50.0)
_CONNECTIONS: Final = (1.0, 5.0, 10.0, 20.0)
_PER_HOUR: Final = (
    (650, 700, 640, 510, 300),
    (3_200, 3_500, 3_200, 2_500, 1_400),
    (6_600, 6_900, 6_000, 4_500, 2_200),
    (10_800, 10_000, 7_200, 5_200, 2_400),
)
_SECONDS: Final = tuple(
    tuple(3600 * connections / rate for rate in row)
    for connections, row in zip(_CONNECTIONS, _PER_HOUR, strict=True)
)
_UNIT_S: Final = _SECONDS[0][1]  # one connection, five lines: the figure the median stands for
LATENCY_MAX_S: Final = 900.0  # NetSuite itself gives up after 15 minutes


class Work(StrEnum):
    """What NetSuite has to do."""

    WRITE = "write"
    READ = "read"
    QUERY = "query"
    LIGHT = "light"


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyModel:
    """Median seconds of each kind of work, and how far single requests stray from it."""

    write_median_s: float = 5.2
    read_median_s: float = 0.8
    query_median_s: float = 0.5
    light_median_s: float = 0.15
    spread: float = 0.18
    tail_share: float = 0.01
    tail_shape: float = 1.5

    def draw(self, work: Work, *, lines: int, in_use: int, chance: random.Random) -> float:
        """Return the seconds one request takes beside `in_use` others."""
        seconds = self.median(work, lines=lines, in_use=in_use)
        seconds *= chance.lognormvariate(0.0, self.spread)
        if chance.random() < self.tail_share:
            seconds *= 2 * chance.paretovariate(self.tail_shape)
        return min(seconds, LATENCY_MAX_S)

    def median(self, work: Work, *, lines: int, in_use: int) -> float:
        """Return the median; that of a write grows with its lines and with its company."""
        if work is Work.WRITE:
            return self.write_median_s * benchmark_s(lines=lines, connections=in_use) / _UNIT_S
        medians = {
            Work.READ: self.read_median_s,
            Work.QUERY: self.query_median_s,
            Work.LIGHT: self.light_median_s,
        }
        return medians[work]


def benchmark_s(*, lines: float, connections: float) -> float:
    """Return the benchmark's seconds per transaction, between its points and beyond them.

    Beyond 20 connections or 50 lines its last slope goes on: 30 connections come to about 70 %
    of linear throughput.
    """
    by_connections = [_along(_LINES, row, lines) for row in _SECONDS]
    return _along(_CONNECTIONS, by_connections, connections)


def _along(points: Sequence[float], values: Sequence[float], at: float) -> float:
    """Interpolate; below the first point its value stands, beyond the last the slope goes on."""
    if at <= points[0]:
        return values[0]
    right = min(bisect_right(points, at), len(points) - 1)
    share = (at - points[right - 1]) / (points[right] - points[right - 1])
    return values[right - 1] + share * (values[right] - values[right - 1])

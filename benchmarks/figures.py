"""What is measured, and what becomes of it: the middle and the worst of several runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import Any


class Better(StrEnum):
    """Which way a figure should go."""

    HIGHER = "higher"
    LOWER = "lower"


@dataclass(frozen=True, slots=True)
class Aim:
    """What the median should reach.

    :param bound: at least this where higher is better, else at most.
    :param of_ratio: whether the ratio is judged, or the value itself.
    """

    bound: float
    of_ratio: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured thing.

    :param values: one of each run.
    :param baselines: what was measured beside it, run by run; empty where nothing was.
    :param against: what the baseline is.
    :raises ValueError: no run, or not as many baselines as values.
    """

    name: str
    unit: str
    values: Sequence[float]
    baselines: Sequence[float] = ()
    against: str = ""
    better: Better = Better.HIGHER
    aim: Aim | None = None

    def __post_init__(self) -> None:
        """Refuse what has no middle, or no pairs."""
        if not self.values:
            raise ValueError(f"{self.name}: no run")
        if self.baselines and len(self.baselines) != len(self.values):
            raise ValueError(f"{self.name}: {len(self.values)} runs, {len(self.baselines)} beside")

    @property
    def value(self) -> float:
        """Return the median."""
        return median(self.values)

    @property
    def worst(self) -> float:
        """Return the worst run."""
        return self._worst(self.values)

    @property
    def baseline(self) -> float | None:
        """Return the median of what was measured beside it."""
        return median(self.baselines) if self.baselines else None

    @property
    def ratio(self) -> float | None:
        """Return the median of the runs' ratios: each run with its neighbor, on an equal load."""
        return median(self._ratios) if self.baselines else None

    @property
    def worst_ratio(self) -> float | None:
        """Return the worst run's ratio."""
        return self._worst(self._ratios) if self.baselines else None

    @property
    def is_met(self) -> bool | None:
        """Tell whether the median reaches the aim; nothing where there is none."""
        if self.aim is None:
            return None
        reached = self.ratio if self.aim.of_ratio else self.value
        assert reached is not None
        if self.better is Better.HIGHER:
            return reached >= self.aim.bound
        return reached <= self.aim.bound

    @property
    def aim_in_words(self) -> str:
        """Return the aim as people write it."""
        if self.aim is None:
            return ""
        sign = "≥" if self.better is Better.HIGHER else "≤"
        what = "ratio " if self.aim.of_ratio else ""
        unit = "" if self.aim.of_ratio else f" {self.unit}"
        return f"{what}{sign} {self.aim.bound:g}{unit}"

    @property
    def _ratios(self) -> list[float]:
        return [one / beside for one, beside in zip(self.values, self.baselines, strict=True)]

    def _worst(self, values: Sequence[float]) -> float:
        return min(values) if self.better is Better.HIGHER else max(values)


def as_json(figure: Figure, *, machine: str) -> dict[str, Any]:
    """Return a figure as it is written to the file of results."""
    return {
        "name": figure.name,
        "value": figure.value,
        "worst": figure.worst,
        "unit": figure.unit,
        "baseline": figure.baseline,
        "against": figure.against or None,
        "ratio": figure.ratio,
        "worst_ratio": figure.worst_ratio,
        "aim": figure.aim_in_words or None,
        "met": figure.is_met,
        "runs": list(figure.values),
        "baseline_runs": list(figure.baselines),
        "machine": machine,
    }

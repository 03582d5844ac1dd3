from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from benchmarks.figures import Aim, Figure
from benchmarks.table import number, table


def shown(*figures: Figure) -> str:
    written = StringIO()
    Console(file=written, width=200).print(table(figures, runs=5, machine="2 cores, busy"))
    return written.getvalue()


def a_figure(bound: float) -> Figure:
    return Figure(
        name="stage",
        unit="records/s",
        values=[8000.0],
        baselines=[10_000.0],
        against="bare loop",
        aim=Aim(bound, of_ratio=True),
    )


class TestTable:
    def test_shows_figure_neighbor_and_ratio(self) -> None:
        text = shown(a_figure(0.8))

        assert "median and worst of 5 runs" in text
        assert "2 cores, busy" in text
        for cell in ("stage", "8,000", "records/s", "bare loop", "10,000", "0.800"):
            assert cell in text

    def test_says_plainly_whether_an_aim_is_met(self) -> None:
        assert "ratio ≥ 0.8: met" in shown(a_figure(0.8))
        assert "ratio ≥ 0.85: MISSED" in shown(a_figure(0.85))

    def test_leaves_empty_what_was_not_measured(self) -> None:
        text = shown(Figure(name="memory", unit="MiB", values=[112.0]))

        assert "met" not in text
        assert "None" not in text


class TestNumber:
    @pytest.mark.parametrize(
        ("value", "text"),
        [(None, ""), (0.5, "0.50"), (12.34, "12.3"), (123.4, "123"), (12_345.6, "12,346")],
    )
    def test_has_as_many_digits_as_it_is_worth(self, value: float | None, text: str) -> None:
        assert number(value) == text

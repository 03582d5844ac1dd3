from __future__ import annotations

import pytest

from benchmarks.figures import Aim, Better, Figure, as_json


def a_figure(**fields: object) -> Figure:
    defaults: dict[str, object] = {"name": "a", "unit": "records/s", "values": [10.0, 30.0, 20.0]}
    return Figure(**(defaults | fields))  # type: ignore[arg-type]


class TestFigure:
    def test_is_the_median_of_its_runs(self) -> None:
        assert a_figure(values=[10.0, 1000.0, 20.0]).value == 20.0

    @pytest.mark.parametrize(("better", "worst"), [(Better.HIGHER, 10.0), (Better.LOWER, 30.0)])
    def test_knows_its_worst_run(self, better: Better, worst: float) -> None:
        assert a_figure(better=better).worst == worst

    def test_compares_each_run_with_its_neighbor(self) -> None:
        # The third pair ran while the machine was slow; both of it did.
        figure = a_figure(values=[90.0, 80.0, 9.0], baselines=[100.0, 100.0, 10.0])

        assert figure.ratio == pytest.approx(0.9)
        assert figure.worst_ratio == pytest.approx(0.8)
        assert figure.baseline == 100.0

    def test_has_no_ratio_without_a_baseline(self) -> None:
        figure = a_figure()

        assert (figure.baseline, figure.ratio, figure.worst_ratio) == (None, None, None)

    def test_is_refused_without_runs(self) -> None:
        with pytest.raises(ValueError, match="no run"):
            a_figure(values=[])

    def test_is_refused_when_a_neighbor_is_missing(self) -> None:
        with pytest.raises(ValueError, match="3 runs, 2 beside"):
            a_figure(baselines=[1.0, 1.0])


class TestAim:
    @pytest.mark.parametrize(("bound", "is_met"), [(20.0, True), (20.1, False)])
    def test_is_reached_from_above_where_higher_is_better(self, bound: float, is_met: bool) -> None:
        assert a_figure(aim=Aim(bound)).is_met is is_met

    @pytest.mark.parametrize(("bound", "is_met"), [(20.0, True), (19.9, False)])
    def test_is_reached_from_below_where_lower_is_better(self, bound: float, is_met: bool) -> None:
        assert a_figure(aim=Aim(bound), better=Better.LOWER).is_met is is_met

    @pytest.mark.parametrize(("bound", "is_met"), [(0.5, True), (0.51, False)])
    def test_of_a_ratio_does_not_ask_for_the_value(self, bound: float, is_met: bool) -> None:
        figure = a_figure(baselines=[20.0, 60.0, 40.0], aim=Aim(bound, of_ratio=True))

        assert figure.is_met is is_met

    def test_is_neither_met_nor_missed_where_there_is_none(self) -> None:
        assert a_figure().is_met is None

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"aim": Aim(0.85, of_ratio=True)}, "ratio ≥ 0.85"),
            ({"aim": Aim(50), "better": Better.LOWER, "unit": "ms"}, "≤ 50 ms"),
            ({}, ""),
        ],
    )
    def test_is_written_as_people_write_it(self, fields: dict[str, object], words: str) -> None:
        assert a_figure(**fields).aim_in_words == words


class TestAsJson:
    def test_holds_what_the_table_shows_and_every_run(self) -> None:
        figure = a_figure(
            baselines=[20.0, 60.0, 40.0], against="nothing", aim=Aim(0.6, of_ratio=True)
        )

        row = as_json(figure, machine="2 cores")

        assert row == {
            "name": "a",
            "value": 20.0,
            "worst": 10.0,
            "unit": "records/s",
            "baseline": 40.0,
            "against": "nothing",
            "ratio": 0.5,
            "worst_ratio": 0.5,
            "aim": "ratio ≥ 0.6",
            "met": False,
            "runs": [10.0, 30.0, 20.0],
            "baseline_runs": [20.0, 60.0, 40.0],
            "machine": "2 cores",
        }

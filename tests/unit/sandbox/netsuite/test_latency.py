"""The latency model against the benchmark it rests on."""

from __future__ import annotations

import random
from statistics import median

import pytest

from isthmus_sandbox.netsuite.traffic.latency import (
    LATENCY_MAX_S,
    LatencyModel,
    Work,
    benchmark_s,
)


def per_hour(*, lines: int, connections: int) -> float:
    return connections * 3600 / benchmark_s(lines=lines, connections=connections)


class TestBenchmark:
    @pytest.mark.parametrize(
        ("connections", "lines", "rate"),
        [(1, 5, 700), (5, 50, 1_400), (10, 3, 6_600), (20, 20, 5_200)],
    )
    def test_gives_the_published_rate_at_a_published_point(
        self, connections: int, lines: int, rate: int
    ) -> None:
        assert per_hour(lines=lines, connections=connections) == pytest.approx(rate)

    def test_takes_a_sale_of_one_line_for_one_of_three(self) -> None:
        assert benchmark_s(lines=1, connections=1) == benchmark_s(lines=3, connections=1)

    def test_lies_between_its_points(self) -> None:
        between = benchmark_s(lines=15, connections=1)

        assert benchmark_s(lines=10, connections=1) < between < benchmark_s(lines=20, connections=1)

    def test_has_about_70_percent_of_linear_throughput_at_30_connections(self) -> None:
        linear = 30 * per_hour(lines=3, connections=1)

        assert per_hour(lines=3, connections=30) / linear == pytest.approx(0.7, abs=0.03)


class TestModel:
    def test_has_a_median_of_five_seconds_and_a_heavy_tail(self) -> None:
        chance = random.Random(1)
        model = LatencyModel()

        drawn = sorted(
            model.draw(Work.WRITE, lines=5, in_use=1, chance=chance) for _ in range(10_000)
        )

        assert median(drawn) == pytest.approx(5.2, abs=0.2)
        assert drawn[9_990] > 3 * 5.2
        assert drawn[-1] <= LATENCY_MAX_S

    def test_grows_with_lines_and_company_for_writes_alone(self) -> None:
        model = LatencyModel()

        assert model.median(Work.WRITE, lines=50, in_use=20) > 25
        assert model.median(Work.READ, lines=50, in_use=20) == model.read_median_s

    def test_is_repeatable_by_its_seed(self) -> None:
        first, second = (
            [LatencyModel().draw(Work.QUERY, lines=0, in_use=1, chance=chance) for _ in range(5)]
            for chance in (random.Random(7), random.Random(7))
        )

        assert first == second

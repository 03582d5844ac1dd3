from __future__ import annotations

import pytest

from benchmarks.measures import percentile, rate_per_s


class TestRatePerS:
    def test_counts_what_came_after_the_warm_up(self) -> None:
        slow_start = [0, 5000]
        steady = [10_000 + 10 * number for number in range(98)]

        assert rate_per_s([*slow_start, *steady], warm_up=0.02) == pytest.approx(100)

    def test_does_not_ask_in_which_order_they_are_named(self) -> None:
        assert rate_per_s([1000, 0, 500], warm_up=0) == pytest.approx(2)

    @pytest.mark.parametrize("per_batch", [1, 20, 200])
    def test_is_the_same_for_batches_as_for_single_records(self, per_batch: int) -> None:
        times = [number // per_batch * per_batch * 10 for number in range(1000)]

        assert rate_per_s(times) == pytest.approx(100)

    def test_gives_nothing_for_a_batch_that_takes_a_moment_to_be_written(self) -> None:
        # Bursts of 200, two seconds apart, each written within 50 ms; the warm-up ends in one.
        times = [burst * 2000 + number // 4 for burst in range(5) for number in range(200)]

        assert rate_per_s(times, warm_up=0.2) == pytest.approx(100, rel=0.02)
        assert rate_per_s(times, warm_up=0.25) == pytest.approx(100, rel=0.1)

    def test_is_refused_where_all_came_at_once(self) -> None:
        with pytest.raises(ValueError, match="the load is too small"):
            rate_per_s([7] * 1000)


class TestPercentile:
    @pytest.mark.parametrize(("percent", "value"), [(0, 1), (50, 50), (99, 99), (100, 100)])
    def test_is_the_least_value_that_so_many_do_not_exceed(
        self, percent: float, value: float
    ) -> None:
        assert percentile([*range(100, 0, -1)], percent) == value

    def test_of_few_is_the_greatest(self) -> None:
        assert percentile([3.0, 1.0, 2.0], 99) == 3.0

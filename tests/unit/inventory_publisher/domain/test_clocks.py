"""The account's own clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from isthmus.core.errors import Retryable
from isthmus_inventory_publisher.domain.clocks import calibrated

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


class TestCalibrated:
    @pytest.mark.parametrize(
        ("local", "hours"),
        [
            ("2026-11-27 12:00:03", 0.0),
            ("2026-11-27 04:01:59", -8.0),
            ("2026-11-27 17:45:00", 5.75),
            ("2026-11-28 02:00:00", 14.0),
        ],
    )
    def test_finds_the_offset_of_any_zone_in_spite_of_slow_answers(
        self, local: str, hours: float
    ) -> None:
        clock = calibrated(utc=NOON, local=local)

        assert clock.offset == timedelta(hours=hours)
        assert clock.utc(clock.local(NOON)) == NOON

    @pytest.mark.parametrize("local", ["", "11/27/2026", "2026-11-28 12:00:00"])
    def test_refuses_what_is_no_zones_time(self, local: str) -> None:
        with pytest.raises(Retryable):
            calibrated(utc=NOON, local=local)

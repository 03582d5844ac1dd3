"""Dates and texts of SuiteQL."""

from __future__ import annotations

from datetime import datetime

import pytest

from isthmus_sandbox.netsuite.suiteql.values import (
    BadMask,
    account_date,
    to_char,
    to_date,
    written,
)

MOMENT = account_date(datetime(2026, 11, 3, 15, 4, 5))  # noqa: DTZ001 (the account's own clock)
MASK = "YYYY-MM-DD HH24:MI:SS"


class TestDates:
    def test_lose_their_time_of_day_unless_a_mask_asks_for_it(self) -> None:
        assert written(MOMENT) == "11/3/2026"
        assert to_char(MOMENT, MASK) == "2026-11-03 15:04:05"

    def test_are_read_by_their_mask(self) -> None:
        assert to_date("2026-11-03 15:04:05", MASK) == MOMENT
        assert to_date("03/11/2026", "DD/MM/YYYY") == account_date(datetime(2026, 11, 3))  # noqa: DTZ001

    def test_sort_as_texts_do(self) -> None:
        later = to_date("2026-11-03 15:04:06", MASK)

        assert later is not None
        assert later > MOMENT

    def test_may_be_missing(self) -> None:
        assert to_char(None, MASK) is None
        assert to_date(None, MASK) is None

    @pytest.mark.parametrize(
        ("text", "mask"), [("2026-11", MASK), ("x", "YYYY"), ("2026", "RRRR"), ("26", "YY")]
    )
    def test_are_refused_when_they_do_not_fit(self, text: str, mask: str) -> None:
        with pytest.raises(BadMask):
            to_date(text, mask)

    def test_alone_have_masks(self) -> None:
        with pytest.raises(BadMask):
            to_char("2026-11-03", MASK)


class TestValues:
    @pytest.mark.parametrize(
        ("value", "text"), [(5, "5"), (5.0, "5"), (44.97, "44.97"), ("x", "x"), (0, "0")]
    )
    def test_are_texts(self, value: object, text: str) -> None:
        assert written(value) == text

    @pytest.mark.parametrize("value", [None, ""])
    def test_that_are_empty_are_left_out(self, value: object) -> None:
        assert written(value) is None

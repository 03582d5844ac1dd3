"""What the account calls things."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from isthmus_netsuite_writer.settings import BookingSettings


class TestBookingSettings:
    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("currencies", {}),
            ("currencies", {"usd": "1"}),
            ("currencies", {"USD": "dollar"}),
            ("clearing_account_id", "Amazon Clearing"),
            ("customers_remembered", 0),
        ],
    )
    def test_refuse_what_cannot_work_and_name_it(self, field: str, value: object) -> None:
        with pytest.raises(ValidationError, match=field):
            BookingSettings.model_validate({"currencies": {"USD": "1"}, field: value})

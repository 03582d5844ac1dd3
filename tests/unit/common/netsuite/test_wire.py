"""JSON with decimals."""

from __future__ import annotations

from decimal import Decimal

import pytest

from isthmus.netsuite import wire


class TestEncode:
    def test_writes_a_decimal_as_a_number_digit_for_digit(self) -> None:
        assert wire.encode({"rate": Decimal("19.9900")}) == b'{"rate":19.9900}'

    @pytest.mark.parametrize("value", [19.99, Decimal("NaN"), Decimal("Infinity")])
    def test_refuses_what_is_no_exact_number_and_names_the_place(self, value: object) -> None:
        with pytest.raises(TypeError, match=r"^item\.items\[1\]\.rate is "):
            wire.encode({"item": {"items": [{}, {"rate": value}]}})


class TestDecode:
    def test_reads_a_number_as_a_decimal_digit_for_digit(self) -> None:
        total = wire.decode(b'{"total":0.1000}')["total"]

        assert isinstance(total, Decimal)
        assert str(total) == "0.1000"

    @pytest.mark.parametrize("content", [b"<html>", b'{"a":', b"", b"[1]", b"7"])
    def test_refuses_what_is_no_object(self, content: bytes) -> None:
        with pytest.raises(ValueError, match=r"."):
            wire.decode_object(content)

"""What may be written down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum, IntEnum

import pytest

from isthmus.core.errors import Rejected
from isthmus.ops.privacy import (
    DEPTH_MAX,
    ITEMS_MAX,
    TEXT_LENGTH_MAX,
    masked,
    permitted,
    plain,
    traceback_of,
)


@dataclass
class Order:
    buyer: str


class Color(Enum):
    RED = "red"


class Level(IntEnum):
    HIGH = 3


class TestPermitted:
    @pytest.mark.parametrize(
        "name", ["buyer_name", "BuyerEmail", "ship-address", "phone", "gift_message", "password"]
    )
    def test_drops_what_is_denied_however_it_is_spelled(self, name: str) -> None:
        assert permitted({name: "x", "order_id": "1"}) == {"order_id": "1"}

    def test_drops_it_inside_of_collections(self) -> None:
        fields = {"orders": [{"id": 1, "recipient": "x", "lines": ({"phone": 2, "sku": "A"},)}]}

        assert permitted(fields) == {"orders": [{"id": 1, "lines": [{"sku": "A"}]}]}

    def test_bounds_the_number_of_fields(self) -> None:
        assert len(permitted({str(n): n for n in range(ITEMS_MAX + 1)})) == ITEMS_MAX


class TestMasked:
    @pytest.mark.parametrize(
        "text",
        ["jane.doe+x@example.co.uk", "x7k2@marketplace.amazon.com", "jürgen@example.com"],
    )
    def test_hides_what_looks_like_an_email_address(self, text: str) -> None:
        assert masked(f"to <{text}>, twice {text}") == "to <***>, twice ***"

    @pytest.mark.parametrize("text", ["a @ b", "user@host", "@decorator", "5 @ 3.20"])
    def test_leaves_other_text_alone(self, text: str) -> None:
        assert masked(text) == text

    def test_cuts_what_is_too_long(self) -> None:
        assert len(masked("x" * (TEXT_LENGTH_MAX + 5))) == TEXT_LENGTH_MAX + 1


class TestPlain:
    @pytest.mark.parametrize(
        ("value", "shown"),
        [
            (None, None),
            (True, True),
            (7, 7),
            (0.5, 0.5),
            (float("inf"), "inf"),
            (Decimal("1.20"), "1.20"),
            (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02 00:00:00+00:00"),
            (Color.RED, "red"),
            (Level.HIGH, 3),
            (b"Jane Doe", "<8 bytes>"),
            (Order(buyer="Jane Doe"), "<Order>"),
            (ValueError("Jane Doe"), "<ValueError>"),
            (["jane@example.com"], ["***"]),
        ],
    )
    def test_shows_only_what_is_known_to_be_harmless(self, value: object, shown: object) -> None:
        assert plain(value) == shown

    def test_ends_in_the_depth(self) -> None:
        value: object = "deep"
        for _ in range(DEPTH_MAX + 1):
            value = [value]

        assert "deep" not in str(plain(value))

    def test_ends_in_a_collection_that_contains_itself(self) -> None:
        value: list[object] = []
        value.append(value)

        assert "…" in str(plain(value))


def caught(error: Exception, *, cause: Exception | None = None) -> Exception:
    try:
        raise error from cause
    except Exception as raised:  # noqa: BLE001  the traceback is what is tested
        return raised


class TestTracebackOf:
    def test_tells_place_and_kind(self) -> None:
        text = traceback_of(caught(ValueError("x")))

        assert "in caught" in text
        assert text.endswith("builtins.ValueError: ***")

    def test_hides_a_message_that_may_quote_a_record(self) -> None:
        error = caught(RuntimeError("failed"), cause=caught(KeyError("Jane Doe")))

        text = traceback_of(error)

        assert "Jane" not in text
        assert "builtins.KeyError" in text

    @pytest.mark.parametrize(
        "error", [Rejected("unknown SKU A-1"), OSError("unknown SKU A-1")], ids=["ours", "harmless"]
    )
    def test_tells_a_message_that_cannot(self, error: Exception) -> None:
        assert "unknown SKU A-1" in traceback_of(caught(error))

    def test_masks_an_email_address_everywhere(self) -> None:
        assert "jane" not in traceback_of(caught(Rejected("jane@example.com")))

    def test_ends_when_causes_go_round(self) -> None:
        one, two = ValueError(), TypeError()
        one.__cause__, two.__cause__ = two, one

        assert traceback_of(one).count("caused by") == 4

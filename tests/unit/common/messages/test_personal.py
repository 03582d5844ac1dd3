"""Personal data inside of sealed fields: it may change, and it never shows itself."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from isthmus.messages.control import OrderKey
from isthmus.messages.personal import Address, Buyer

ADA = Buyer(name="Ada Lovelace", email="ada@example.org")
HOME = Address(name="Ada Lovelace", lines=("12 St James's Square",), city="London", country="GB")


class TestPersonalData:
    @pytest.mark.parametrize("whom", [ADA, HOME])
    def test_does_not_show_itself(self, whom: msgspec.Struct) -> None:
        shown = f"{whom} {whom!r} {[whom]}"

        assert "Ada" not in shown
        assert "London" not in shown

    @pytest.mark.parametrize("whom", [ADA, HOME, Buyer(), Address()])
    def test_comes_back_from_json(self, whom: msgspec.Struct) -> None:
        assert msgspec.json.decode(msgspec.json.encode(whom), type=type(whom)) == whom

    def test_is_read_by_releases_that_know_less_or_more_of_it(self) -> None:
        newer = b'{"name": "Ada Lovelace", "email": "ada@example.org", "title": "Countess"}'
        older = b'{"email": "ada@example.org"}'

        assert msgspec.json.decode(newer, type=Buyer) == ADA
        assert msgspec.json.decode(older, type=Buyer) == Buyer(email="ada@example.org")


class TestOrderKey:
    def test_does_not_show_the_key(self) -> None:
        key = OrderKey(
            account="acme-us",
            order_id="1",
            wrapped_key=b"wrapped-key-bytes",
            master_key_id="m1",
            created_at=datetime(2026, 1, 1, tzinfo=UTC),
        )

        assert "wrapped-key-bytes" not in repr(key)
        assert "acme-us/1" in repr(key)

"""The whole of the stage."""

from __future__ import annotations

import msgspec
import pytest

from isthmus.core.errors import Retryable
from isthmus.core.records import Record
from isthmus.messages.netsuite import OrderCommand
from isthmus.testing.builders import PURCHASED, a_netsuite_item, an_order
from isthmus_mapper.handler import OrderMapping
from tests.unit.mapper.parts import NO_FEEDS, mapped, rejection


class TestOrderMapping:
    def test_writes_one_command_under_the_key_of_the_order(self) -> None:
        [output] = mapped(an_order())

        assert (output.topic, output.key) == (
            "netsuite.order-commands",
            "acme-us/111-1234567-1234567",
        )
        assert isinstance(output.value, OrderCommand)

    @pytest.mark.parametrize("status", ["PENDING", "CANCELLED"])
    def test_writes_nothing_for_what_is_not_to_be_booked(self, status: str) -> None:
        assert mapped(an_order(status=status, grand_total=None), items=()) == []

    def test_waits_for_the_items_before_it_calls_one_unknown(self) -> None:
        with pytest.raises(Retryable) as raised:
            mapped(an_order(), items=(), feeds=NO_FEEDS)

        assert raised.value.reason_class == "items-not-loaded"
        assert "Remedy: see that inventory-publisher runs" in raised.value.detail

    def test_waits_only_for_items_that_it_does_not_have(self) -> None:
        assert mapped(an_order(), feeds=NO_FEEDS)

    def test_does_not_wait_where_the_mapping_is_wrong(self) -> None:
        refusal = rejection(an_order(marketplace_id="A1PA6795UKMFR9"), feeds=NO_FEEDS)

        assert refusal.reason_class == "unknown-marketplace"

    def test_calls_an_item_unknown_once_all_were_read(self) -> None:
        assert rejection(an_order(), items=()).reason_class == "unknown-sku"

    def test_refuses_an_account_without_a_mapping(self) -> None:
        refusal = rejection(an_order(account="acme-jp"))

        assert (refusal.reason_class, refusal.path) == ("unknown-account", "account")
        assert "Remedy: add acme-jp.yaml" in refusal.detail

    @pytest.mark.parametrize("key", ["acme-us/111-0000000-0000000", "acme-eu/111-1234567-1234567"])
    def test_refuses_a_key_that_is_not_the_orders(self, key: str) -> None:
        assert rejection(an_order(), key=key).reason_class == "wrong-key"

    def test_refuses_an_order_whose_account_cannot_be(self) -> None:
        assert rejection(an_order(account="Not An Account")).reason_class == "wrong-key"

    def test_takes_any_other_record_for_a_bug(self) -> None:
        item: msgspec.Struct = a_netsuite_item()
        record = Record("amazon.orders", 0, 0, PURCHASED, "acme-us/1", item)

        with pytest.raises(TypeError, match="holds a Item"):
            list(OrderMapping({})(record, {}))

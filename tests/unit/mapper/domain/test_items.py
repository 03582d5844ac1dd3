"""From seller SKUs to the items of NetSuite."""

from __future__ import annotations

import pytest

from isthmus.messages.netsuite import Item
from isthmus.testing.builders import a_netsuite_item, an_order, an_order_item
from tests.unit.mapper.parts import a_mapping, command, rejection

MUG = a_netsuite_item("SKU-0001", internal_id="328")


def item_id(*items: Item, aliases: dict[str, str] | None = None) -> str:
    mapping = a_mapping(aliases=aliases or {})
    return command(an_order(), mapping=mapping, items=items).body.lines[0].item_id


class TestItem:
    def test_is_found_by_its_name(self) -> None:
        assert item_id(MUG) == "328"

    def test_is_found_by_its_alias(self) -> None:
        item = a_netsuite_item("MUG-STONEWARE", internal_id="329")

        assert item_id(item, aliases={"SKU-0001": "MUG-STONEWARE"}) == "329"

    def test_is_found_by_its_name_before_its_alias(self) -> None:
        other = a_netsuite_item("MUG-STONEWARE", internal_id="329")

        assert item_id(MUG, other, aliases={"SKU-0001": "MUG-STONEWARE"}) == "328"

    def test_is_the_alias_when_the_name_is_inactive(self) -> None:
        retired = a_netsuite_item("SKU-0001", is_inactive=True)
        other = a_netsuite_item("MUG-STONEWARE", internal_id="329")

        assert item_id(retired, other, aliases={"SKU-0001": "MUG-STONEWARE"}) == "329"

    def test_is_the_active_one_of_two(self) -> None:
        retired = a_netsuite_item("SKU-0001", internal_id="1", is_inactive=True)

        assert item_id(retired, MUG) == "328"

    def test_is_not_one_of_another_account(self) -> None:
        foreign = a_netsuite_item("SKU-0001", account="other")

        assert rejection(an_order(), items=(foreign,)).reason_class == "unknown-sku"

    @pytest.mark.parametrize("quantity", [0])
    def test_is_not_looked_for_when_the_line_was_cancelled(self, quantity: int) -> None:
        gone = an_order_item(sku="GONE", quantity_ordered=quantity, charges=())

        assert command(an_order(items=(an_order_item(), gone)), items=(MUG,))


class TestUnknownSku:
    def test_is_told_to_a_person(self) -> None:
        refusal = rejection(an_order(), items=())

        assert refusal.reason_class == "unknown-sku"
        assert str(refusal) == (
            "items[0].sku: SKU SKU-0001 (Stoneware Mug) of order 111-1234567-1234567 is no item of"
            " NetSuite. Remedy: create an item named SKU-0001, and the order goes on by itself; or"
            " name its item under aliases in the mapping of acme-us"
        )

    def test_is_told_of_an_inactive_item(self) -> None:
        refusal = rejection(an_order(), items=(a_netsuite_item(is_inactive=True),))

        assert refusal.reason_class == "unknown-sku"
        assert "is inactive (internal id 328). Remedy: make it active" in refusal.detail

    def test_is_told_of_a_line_without_a_sku(self) -> None:
        refusal = rejection(an_order(items=(an_order_item(sku=None, title=None),)))

        assert refusal.reason_class == "unknown-sku"
        assert "has no SKU (without a title)" in refusal.detail

    def test_is_told_of_all_lines_at_once(self) -> None:
        items = (an_order_item(), an_order_item(sku="NEW-1"), an_order_item(sku="NEW-2"))

        refusal = rejection(an_order(items=items))

        assert refusal.path == "items[1].sku"
        assert "named NEW-1" in refusal.detail
        assert "named NEW-2" in refusal.detail


class TestAmbiguousSku:
    def test_is_not_guessed(self) -> None:
        twin = a_netsuite_item("SKU-0001", internal_id="999")

        refusal = rejection(an_order(), items=(MUG, twin))

        assert refusal.reason_class == "ambiguous-sku"
        assert "(328, 999)" in refusal.detail

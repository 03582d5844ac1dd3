"""A mapping, items and the act of mapping, for the tests of the stage."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from isthmus.core.records import Output, Record
from isthmus.messages.amazon import Order
from isthmus.messages.netsuite import Customer, Item, OrderCommand
from isthmus.testing.builders import ACCOUNT, US
from isthmus_mapper.domain.mapping import AccountMapping, ChargeItem, TaxPolicy
from isthmus_mapper.handler import ITEMS, OrderMapping, item_index

NOW = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)


def a_mapping(**fields: Any) -> AccountMapping:
    """Return a mapping with a customer for the US and an item for each charge."""
    return AccountMapping(
        **{
            "version": "v1",
            "subsidiary_id": "1",
            "fba_location_id": "2",
            "merchant_location_id": "1",
            "customers": {US: Customer(external_id="AMZ-CUST-US", name="Amazon.com US")},
            "charge_items": {
                "shipping": ChargeItem("101", "AMZ-SHIPPING"),
                "gift_wrap": ChargeItem("102", "AMZ-GIFTWRAP"),
                "discount": ChargeItem("103", "AMZ-DISCOUNT"),
                "tax": ChargeItem("104", "AMZ-TAX"),
            },
            "tax": TaxPolicy.OMIT,
            "ship_method_ids": {"STANDARD": "92"},
            "aliases": {},
            **fields,
        }
    )


def an_item(sku: str = "SKU-0001", *, internal_id: str = "328", is_inactive: bool = False) -> Item:
    """Return an item of NetSuite."""
    return Item(
        account=ACCOUNT,
        internal_id=internal_id,
        sku=sku,
        item_type="InvtPart",
        is_inactive=is_inactive,
        modified_at=NOW,
    )


class Items:
    """The table of items."""

    def __init__(self, *items: Item) -> None:
        self.items = items

    def get(self, key: str) -> Item | None:
        raise NotImplementedError

    def find(self, index: str) -> tuple[msgspec.Struct, ...]:
        return tuple(one for one in self.items if item_index(one.account, one.sku) == index)


def mapped(
    order: Order,
    *,
    mapping: AccountMapping | None = None,
    items: tuple[Item, ...] = (),
    key: str | None = None,
) -> list[Output]:
    """Map one order."""
    stage = OrderMapping({ACCOUNT: mapping or a_mapping()})
    record: Record[msgspec.Struct] = Record(
        topic="amazon.orders",
        partition=3,
        offset=17,
        timestamp=NOW,
        key=key or f"{order.account}/{order.order_id}",
        value=order,
    )
    return list(stage(record, {ITEMS: Items(*(items or (an_item(),)))}))


def command(order: Order, **how: Any) -> OrderCommand:
    """Map one order that must give a command."""
    (output,) = mapped(order, **how)
    assert isinstance(output.value, OrderCommand)
    return output.value

"""Records with plausible defaults: a test names only what it is about."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from isthmus.core.money import Money
from isthmus.messages.amazon import Charge, FulfilledBy, Order, OrderItem, OrderSource, OrderStatus
from isthmus.messages.netsuite import Item

ACCOUNT: Final = "acme-us"
ORDER_ID: Final = "111-1234567-1234567"
US: Final = "ATVPDKIKX0DER"
PURCHASED: Final = datetime(2026, 11, 27, 7, 0, tzinfo=UTC)
UPDATED: Final = datetime(2026, 11, 27, 7, 30, tzinfo=UTC)


def usd(amount: str) -> Money:
    """Return US dollars."""
    return Money(Decimal(amount), "USD")


def a_charge(amount: str, *, type: str = "ITEM", subtype: str | None = None) -> Charge:
    """Return a charge in US dollars."""
    return Charge(type=type, subtype=subtype, amount=usd(amount))


def an_order_item(**fields: Any) -> OrderItem:
    """Return a line of one unit for 40 dollars, or as the fields say."""
    return OrderItem(
        **{
            "item_id": "11498765431234",
            "sku": "SKU-0001",
            "asin": "B000000001",
            "title": "Stoneware Mug",
            "quantity_ordered": 1,
            "quantity_fulfilled": 0,
            "quantity_unfulfilled": 1,
            "unit_price": usd("40.00"),
            "charges": (a_charge("40.00"),),
            **fields,
        }
    )


def an_order(**fields: Any) -> Order:
    """Return a paid order of the merchant, worth what its items are, or as the fields say."""
    items = fields.get("items", (an_order_item(),))
    charges = [charge.amount for item in items for charge in item.charges]
    return Order(
        **{
            "account": ACCOUNT,
            "order_id": ORDER_ID,
            "marketplace_id": US,
            "purchased_at": PURCHASED,
            "updated_at": UPDATED,
            "status": OrderStatus.UNSHIPPED.value,
            "fulfilled_by": FulfilledBy.MERCHANT.value,
            "service_level": "STANDARD",
            "grand_total": sum(charges[1:], start=charges[0]) if charges else None,
            "items": items,
            "source": OrderSource.SEARCH.value,
            "sections": ("PROCEEDS", "FULFILLMENT"),
            **fields,
        }
    )


def a_netsuite_item(sku: str = "SKU-0001", **fields: Any) -> Item:
    """Return an item of NetSuite that may be sold, or as the fields say."""
    return Item(
        **{
            "account": ACCOUNT,
            "internal_id": "328",
            "sku": sku,
            "item_type": "InvtPart",
            "is_inactive": False,
            "modified_at": PURCHASED,
            **fields,
        }
    )

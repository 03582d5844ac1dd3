"""What goes in: orders of three lines, each with amounts of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from isthmus.core.money import Money
from isthmus.kafka.codec import Codec
from isthmus.messages.amazon import Charge, Order, OrderItem

ACCOUNT: Final = "acme-us"
ORDERS: Final = "bench.orders"
BEGAN: Final = datetime(2026, 11, 27, 8, tzinfo=UTC)
LINES: Final = 3

Pair = tuple[bytes, bytes]
"""A record's key and value, as they go into Kafka."""


def order(number: int) -> Order:
    """Return the order of a number: of equal shape, and of amounts that no other has."""
    items = tuple(_item(number, line) for line in range(LINES))
    total = sum((one.amount.amount for item in items for one in item.charges), Decimal(0))
    return Order(
        account=ACCOUNT,
        order_id=f"111-{number:014d}",
        marketplace_id="ATVPDKIKX0DER",
        purchased_at=BEGAN + timedelta(milliseconds=number),
        updated_at=BEGAN + timedelta(hours=1, milliseconds=number),
        status="UNSHIPPED",
        fulfilled_by="MERCHANT",
        service_level="STANDARD",
        programs=("PRIME",),
        ship_by=BEGAN + timedelta(days=2),
        deliver_by=BEGAN + timedelta(days=5),
        ship_country="US",
        ship_state="CA",
        grand_total=Money(total, "USD"),
        items=items,
        buyer=b"sealed, and about as long as a name" * 2,
        recipient=b"sealed, and about as long as an address is" * 4,
        source="search",
        sections=("PROCEEDS", "FULFILLMENT"),
    )


def key(number: int) -> bytes:
    """Return the record key of the order of a number."""
    return f"{ACCOUNT}/111-{number:014d}".encode()


def number_of(key: bytes) -> int:
    """Return the number of the order of a record key."""
    return int(key.rpartition(b"-")[2])


def encoded(codec: Codec, numbers: range) -> Iterator[Pair]:
    """Return orders as they go into Kafka."""
    for number in numbers:
        yield key(number), codec.encode(ORDERS, order(number))


def _item(number: int, line: int) -> OrderItem:
    price = Decimal(number % 90_000 + 100 * line + 999) / 100
    return OrderItem(
        item_id=f"{number:012d}{line}",
        sku=f"SKU-{(number + line) % 5000:04d}",
        asin=f"B{(number + line) % 5000:09d}",
        title="Stoneware mug, hand made, with a handle",
        quantity_ordered=1,
        quantity_fulfilled=0,
        quantity_unfulfilled=1,
        unit_price=Money(price, "USD"),
        charges=(
            Charge(type="ITEM", amount=Money(price, "USD")),
            Charge(type="SHIPPING", amount=Money(Decimal(number % 1000) / 100, "USD")),
            Charge(type="TAX", subtype="SALES", amount=Money(Decimal(number % 700) / 100, "USD")),
        ),
    )

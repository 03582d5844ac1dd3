"""From an order in Amazon's words to the fact; what is wrong is refused with its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar

import msgspec

from isthmus.core.errors import Rejected
from isthmus.core.identifiers import record_key
from isthmus.core.sealing import KeyPurged, Sealer
from isthmus.messages.amazon import Order, OrderItem, OrderSource
from isthmus.messages.fields import INT_MAX
from isthmus.messages.personal import Address, Buyer
from isthmus_amazon_ingest.domain.charges import charges_of, money_of
from isthmus_amazon_ingest.domain.personal import address_of, buyer_of
from isthmus_amazon_ingest.domain.wire import (
    DateTimeRange,
    Fulfillment,
    Item,
    ItemFulfillment,
    OrderProceeds,
    Price,
    Product,
    SalesChannel,
    WireOrder,
)

T = TypeVar("T")

ORDER_ID: Final = re.compile(r"[A-Za-z0-9-]{1,50}")
FUTURE_MAX: Final = timedelta(minutes=10)
SHOWN_MAX: Final = 40
_PLACE: Final = re.compile(r" - at `\$\.?([^`]*)`$")


_GIVEN: Final[Mapping[str, Callable[[WireOrder], object]]] = {
    "BUYER": lambda wire: wire.buyer,
    "RECIPIENT": lambda wire: wire.recipient,
    "PROCEEDS": lambda wire: wire.proceeds,
    "FULFILLMENT": lambda wire: wire.fulfillment,
}
SECTIONS: Final = tuple(_GIVEN)
"""What Amazon is asked for: what a fact is made of, and nothing more."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Under which circumstances an order was read.

    :param marketplaces: those that the account lists.
    """

    account: str
    marketplaces: Collection[str]
    now: datetime


@dataclass(frozen=True, slots=True)
class Translated:
    """The fact, and beside it what has to be sealed before it may go into it."""

    order: Order
    buyer: Buyer | None
    recipient: Address | None


def translated(raw: bytes, *, reading: Reading) -> Translated:
    """Translate one order.

    :raises Rejected: no fact can be made of it; says the place in Amazon's words.
    """
    wire = decoded(raw, WireOrder)
    _refuse_wrong_id(wire)
    _refuse_future(wire, now=reading.now)
    address = address_of(wire.recipient)
    return Translated(_order_of(wire, address or Address(), reading), buyer_of(wire.buyer), address)


def sealed(translation: Translated, sealer: Sealer) -> Order:
    """Return the fact with its personal data sealed under the key of its order.

    An order whose key was purged stays without: nothing of it may come back.
    """
    order = translation.order
    key = record_key(order.account, order.order_id)

    def seal(field: str, content: msgspec.Struct | None) -> bytes | None:
        if content is None:
            return None
        return sealer.seal(record_key=key, field=field, plain=msgspec.json.encode(content))

    try:
        return msgspec.structs.replace(
            order,
            buyer=seal("buyer", translation.buyer),
            recipient=seal("recipient", translation.recipient),
        )
    except KeyPurged:
        return order


def decoded(raw: bytes, kind: type[T]) -> T:
    """Read one of Amazon's objects.

    :raises Rejected: it has another form.
    """
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        # A decoder tells types and places, never values.
        told = "" if isinstance(error, UnicodeDecodeError) else str(error)
        place = _PLACE.search(told)
        raise Rejected(
            f"the order has another form than Amazon's model says: {_PLACE.sub('', told)}",
            reason_class="malformed-order",
            path=place[1] if place else "",
        ) from None


def _order_of(wire: WireOrder, address: Address, reading: Reading) -> Order:
    fulfillment = wire.fulfillment or Fulfillment()
    return Order(
        account=reading.account,
        order_id=wire.order_id,
        marketplace_id=_marketplace_of(wire, reading),
        purchased_at=wire.created_time,
        updated_at=wire.last_updated_time,
        status=_status_of(fulfillment),
        fulfilled_by=fulfillment.fulfilled_by,
        service_level=fulfillment.fulfillment_service_level,
        programs=tuple(wire.programs or ()),
        ship_by=(fulfillment.ship_by_window or DateTimeRange()).latest_date_time,
        deliver_by=(fulfillment.deliver_by_window or DateTimeRange()).latest_date_time,
        ship_country=address.country or None,
        ship_state=address.state or None,
        grand_total=money_of((wire.proceeds or OrderProceeds()).grand_total, "proceeds.grandTotal"),
        items=_items_of(wire),
        source=OrderSource.SEARCH,
        sections=tuple(name for name, given in _GIVEN.items() if given(wire) is not None),
    )


def _refuse_wrong_id(wire: WireOrder) -> None:
    if not ORDER_ID.fullmatch(wire.order_id):
        raise Rejected(
            "the order id holds characters that no order id has",
            reason_class="malformed-order",
            path="orderId",
        )


def _refuse_future(wire: WireOrder, *, now: datetime) -> None:
    times = {"createdTime": wire.created_time, "lastUpdatedTime": wire.last_updated_time}
    for path, time in times.items():
        if time > now + FUTURE_MAX:
            raise Rejected(
                f"{time.isoformat()} lies in the future: it is {now.isoformat()} here. Remedy: set"
                " this machine's clock right; if it is, Amazon's is wrong",
                reason_class="clock-in-future",
                path=path,
            )


def _marketplace_of(wire: WireOrder, reading: Reading) -> str:
    found = (wire.sales_channel or SalesChannel()).marketplace_id or ""
    if found not in reading.marketplaces:
        name = f"marketplace {found[:SHOWN_MAX]!r}" if found else "an order without a marketplace"
        raise Rejected(
            f"{name} is not one that account {reading.account} lists. Remedy: add it to the file"
            " of accounts and to the account's mapping",
            reason_class="unknown-marketplace",
            path="salesChannel.marketplaceId",
        )
    return found


def _status_of(fulfillment: Fulfillment) -> str:
    if not fulfillment.fulfillment_status:
        raise Rejected(
            "the order has no status",
            reason_class="no-status",
            path="fulfillment.fulfillmentStatus",
        )
    return fulfillment.fulfillment_status


def _items_of(wire: WireOrder) -> tuple[OrderItem, ...]:
    if not wire.order_items:
        raise Rejected("the order has no items", reason_class="no-items", path="orderItems")
    return tuple(
        _item_of(item, f"orderItems[{index}]") for index, item in enumerate(wire.order_items)
    )


def _item_of(item: Item, path: str) -> OrderItem:
    product, shipped = item.product or Product(), item.fulfillment or ItemFulfillment()
    ordered = _count(item.quantity_ordered, f"{path}.quantityOrdered") or 0
    done = _count(shipped.quantity_fulfilled, f"{path}.fulfillment.quantityFulfilled")
    open_ = _count(shipped.quantity_unfulfilled, f"{path}.fulfillment.quantityUnfulfilled")
    return OrderItem(
        item_id=item.order_item_id,
        sku=product.seller_sku or None,
        asin=product.asin,
        title=product.title,
        quantity_ordered=_uncancelled(ordered, done, open_),
        quantity_fulfilled=done,
        quantity_unfulfilled=open_,
        unit_price=money_of(
            (product.price or Price()).unit_price, f"{path}.product.price.unitPrice"
        ),
        charges=charges_of(item.proceeds, f"{path}.proceeds"),
        programs=tuple(item.programs or ()),
    )


def _uncancelled(ordered: int, done: int | None, open_: int | None) -> int:
    """Return the units that are still wanted: those shipped and those to be shipped.

    Amazon goes on to count what was cancelled as ordered.
    """
    if done is None or open_ is None:
        return ordered
    return min(ordered, done + open_)


def _count(quantity: int | None, path: str) -> int | None:
    if quantity is None or 0 <= quantity <= INT_MAX:
        return quantity
    raise Rejected(
        f"a quantity of {quantity} cannot be",
        reason_class="negative-quantity" if quantity < 0 else "malformed-order",
        path=path,
    )

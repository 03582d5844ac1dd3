"""What a caller sees of an order: the sections it asked for, its role, the order's state."""

from __future__ import annotations

import copy
from collections.abc import Collection, Mapping
from typing import Final

from isthmus_sandbox.amazon.orders import Document, Order, OrderKind, Status

_ORDER_SECTION: Final = {
    "buyer": "BUYER",
    "recipient": "RECIPIENT",
    "proceeds": "PROCEEDS",
    "fulfillment": "FULFILLMENT",
    "packages": "PACKAGES",
    "tax": "TAX",
    "payment": "PAYMENT",
    "fulfillmentOrders": "FULFILLMENT_ORDERS",
}
_ITEM_SECTION: Final = {
    "proceeds": "PROCEEDS",
    "expense": "EXPENSE",
    "promotion": "PROMOTION",
    "cancellation": "CANCELLATION",
    "fulfillment": "FULFILLMENT",
    "tax": "TAX",
}
_PLACE: Final = frozenset({"city", "stateOrRegion", "postalCode", "countryCode"})
"""What anybody may know of an address."""


def visible(order: Order, *, sections: Collection[str], restricted_role: bool) -> Document:
    """Return the order as Amazon shows it to this caller. Nothing says what is left out."""
    shown = copy.deepcopy(order.document)
    if order.kind is not OrderKind.EXAMPLE:  # what Amazon publishes, it has already cut
        _hide_by_state(shown, order)
    if not restricted_role:
        _hide_restricted(shown)
    _keep_sections(shown, _ORDER_SECTION, sections)
    for item in shown["orderItems"]:
        _keep_sections(item, _ITEM_SECTION, sections)
    return shown


def _hide_by_state(shown: Document, order: Order) -> None:
    if order.status in {Status.PENDING, Status.PENDING_AVAILABILITY}:
        _hide_unpaid(shown)
    if order.status is Status.CANCELLED:
        _drop(shown, "recipient", "payment", "proceeds")
        for item in shown["orderItems"]:
            _drop(item, "proceeds")
    is_amazon = order.fulfilled_by == "AMAZON"
    if is_amazon or order.status in {Status.PENDING, Status.CANCELLED}:
        _drop(shown.get("buyer", {}), "buyerEmail")
    if is_amazon or order.status is Status.SHIPPED:
        _drop(shown.get("recipient", {}).get("deliveryAddress", {}), "phone")


def _hide_unpaid(shown: Document) -> None:
    """A pending order has neither price nor person nor address: the buyer may yet change them."""
    _drop(shown, "buyer", "recipient", "proceeds", "payment", "tax")
    for item in shown["orderItems"]:
        _drop(item, "proceeds", "promotion", "tax")
        _drop(item["product"], "price")


def _hide_restricted(shown: Document) -> None:
    _drop(shown.get("buyer", {}), "buyerName", "buyerEmail")
    recipient = shown.get("recipient", {})
    _drop(recipient, "deliveryPreference")
    address = recipient.get("deliveryAddress", {})
    _drop(address, *(set(address) - _PLACE))
    for item in shown["orderItems"]:
        _drop(item["product"], "customization")
        _drop(item.get("fulfillment", {}).get("packing", {}).get("giftOption", {}), "giftMessage")


def _keep_sections(
    document: Document, section_of: Mapping[str, str], sections: Collection[str]
) -> None:
    _drop(document, *(name for name, section in section_of.items() if section not in sections))


def _drop(document: Document, *names: str) -> None:
    for name in names:
        document.pop(name, None)

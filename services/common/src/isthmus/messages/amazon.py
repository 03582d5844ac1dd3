"""Facts that Amazon tells: namespace ``isthmus.amazon``."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from isthmus.core.money import Money
from isthmus.messages.fields import Count, Time


class OrderStatus(StrEnum):
    """Known values of ``Order.status``; the set is open."""

    PENDING_AVAILABILITY = "PENDING_AVAILABILITY"
    PENDING = "PENDING"
    UNSHIPPED = "UNSHIPPED"
    PARTIALLY_SHIPPED = "PARTIALLY_SHIPPED"
    SHIPPED = "SHIPPED"
    CANCELLED = "CANCELLED"
    UNFULFILLABLE = "UNFULFILLABLE"


class FulfilledBy(StrEnum):
    """Known values of ``Order.fulfilled_by``; the set is open."""

    MERCHANT = "MERCHANT"
    AMAZON = "AMAZON"


class ChargeType(StrEnum):
    """Known values of ``Charge.type``; the set is open."""

    ITEM = "ITEM"
    SHIPPING = "SHIPPING"
    GIFT_WRAP = "GIFT_WRAP"
    TAX = "TAX"
    DISCOUNT = "DISCOUNT"
    COD_FEE = "COD_FEE"
    OTHER = "OTHER"


class Program(StrEnum):
    """Known values of ``programs`` that rules ask for; the set is open."""

    PRIME = "PRIME"
    AMAZON_BUSINESS = "AMAZON_BUSINESS"
    FBM_SHIP_PLUS = "FBM_SHIP_PLUS"
    PREORDER = "PREORDER"


class OrderSource(StrEnum):
    """Values of ``Order.source``: which of Amazon's doors the fact came through."""

    SEARCH = "search"
    GET = "get"
    REPORT = "report"


class Charge(msgspec.Struct, frozen=True, kw_only=True):
    """One part of what the buyer pays for an item; discounts are negative."""

    type: str
    subtype: str | None = None
    amount: Money


class OrderItem(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an order."""

    item_id: str
    sku: str | None = None
    asin: str | None = None
    title: str | None = None
    quantity_ordered: Count
    quantity_fulfilled: Count | None = None
    quantity_unfulfilled: Count | None = None
    unit_price: Money | None = None
    charges: tuple[Charge, ...]
    programs: tuple[str, ...] = ()


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """An order as Amazon shows it now; facts of one order supersede each other by ``updated_at``.

    :param buyer: sealed ``isthmus.messages.personal.Buyer``.
    :param recipient: sealed ``isthmus.messages.personal.Address``.
    :param sections: what Amazon was asked for and gave; what else is absent was not asked for.
    """

    account: str
    order_id: str
    marketplace_id: str
    purchased_at: Time
    updated_at: Time
    status: str
    fulfilled_by: str | None = None
    service_level: str | None = None
    programs: tuple[str, ...] = ()
    ship_by: Time | None = None
    deliver_by: Time | None = None
    ship_country: str | None = None
    ship_state: str | None = None
    grand_total: Money | None = None
    items: tuple[OrderItem, ...]
    buyer: bytes | None = None
    recipient: bytes | None = None
    source: str
    sections: tuple[str, ...] = ()

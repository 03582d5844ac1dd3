"""Orders in Amazon's words (version 2026-01-01), as far as we read them.

Everything that Amazon may leave out is optional, and what must not be missing is missed by the
translator, which can say so better than a decoder.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from isthmus.messages.fields import Time


class Wire(msgspec.Struct, frozen=True, rename="camel"):
    """A JSON object of Amazon's: unknown fields are ignored."""


class Amount(Wire, frozen=True):
    """Money, to be checked."""

    amount: Decimal | None = None
    currency_code: str | None = None


class Detail(Wire, frozen=True):
    """A part of a breakdown."""

    subtype: str | None = None
    value: Amount | None = None


class Breakdown(Wire, frozen=True):
    """A category of what an item brings in, and its parts."""

    type: str
    subtotal: Amount | None = None
    detailed_breakdowns: tuple[Detail, ...] | None = None


class ItemProceeds(Wire, frozen=True):
    """What an item brings in."""

    breakdowns: tuple[Breakdown, ...] | None = None


class Price(Wire, frozen=True):
    """The price of a unit."""

    unit_price: Amount | None = None


class Product(Wire, frozen=True):
    """What was ordered."""

    asin: str | None = None
    title: str | None = None
    seller_sku: str | None = None
    price: Price | None = None


class ItemFulfillment(Wire, frozen=True):
    """How much of an item was shipped."""

    quantity_fulfilled: int | None = None
    quantity_unfulfilled: int | None = None


class Item(Wire, frozen=True):
    """A line of an order."""

    order_item_id: str
    quantity_ordered: int
    product: Product | None = None
    proceeds: ItemProceeds | None = None
    fulfillment: ItemFulfillment | None = None
    programs: tuple[str, ...] | None = None


class SalesChannel(Wire, frozen=True):
    """Where the order was placed."""

    marketplace_id: str | None = None


class DateTimeRange(Wire, frozen=True):
    """From when to when."""

    latest_date_time: Time | None = None


class Fulfillment(Wire, frozen=True):
    """How far the order has come."""

    fulfillment_status: str | None = None
    fulfilled_by: str | None = None
    fulfillment_service_level: str | None = None
    ship_by_window: DateTimeRange | None = None
    deliver_by_window: DateTimeRange | None = None


class OrderProceeds(Wire, frozen=True):
    """What the order brings in."""

    grand_total: Amount | None = None


class WireBuyer(Wire, frozen=True):
    """Who bought."""

    buyer_name: str | None = None
    buyer_email: str | None = None
    buyer_company_name: str | None = None
    buyer_purchase_order_number: str | None = None


class WireAddress(Wire, frozen=True):
    """Where to deliver."""

    name: str | None = None
    company_name: str | None = None
    address_line1: str | None = None
    address_line2: str | None = None
    address_line3: str | None = None
    city: str | None = None
    district_or_county: str | None = None
    municipality: str | None = None
    state_or_region: str | None = None
    postal_code: str | None = None
    country_code: str | None = None
    phone: str | None = None


class Recipient(Wire, frozen=True):
    """To whom to deliver."""

    delivery_address: WireAddress | None = None


class WireOrder(Wire, frozen=True):
    """An order."""

    order_id: str
    created_time: Time
    last_updated_time: Time
    sales_channel: SalesChannel | None = None
    order_items: tuple[Item, ...] | None = None
    programs: tuple[str, ...] | None = None
    buyer: WireBuyer | None = None
    recipient: Recipient | None = None
    proceeds: OrderProceeds | None = None
    fulfillment: Fulfillment | None = None


class Head(Wire, frozen=True):
    """What tells one update of an order from another."""

    order_id: str
    last_updated_time: Time

"""Commands to NetSuite, their outcomes, and its own facts: namespace ``isthmus.netsuite``."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

import msgspec

from isthmus.core.money import Money
from isthmus.messages.fields import Count, Time


class LineKind(StrEnum):
    """Values of ``Line.kind``."""

    ITEM = "item"
    SHIPPING = "shipping"
    GIFT_WRAP = "gift_wrap"
    DISCOUNT = "discount"
    TAX = "tax"


class Result(StrEnum):
    """Known values of ``Outcome.result``; the set is open."""

    CREATED = "created"
    ALREADY_THERE = "already_there"


class Customer(msgspec.Struct, frozen=True, kw_only=True):
    """The customer record that an order is booked on; never a buyer's name."""

    external_id: str
    name: str


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a transaction.

    :param item_id: NetSuite's internal id of the item.
    :param sku: the item's name in NetSuite, for people.
    :param order_item_id: Amazon's id of the order line; empty for lines of the whole order.
    """

    item_id: str
    sku: str
    order_item_id: str
    quantity: Count
    amount: Money
    description: str | None = None
    location_id: str | None = None
    kind: str


class Transaction(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """What every order-like transaction of NetSuite carries.

    :param external_id: the transaction's identity, typed by its prefix (``AMZ-SO-…``).
    :param ship_to: sealed ``isthmus.messages.personal.Address``.
    :param custom_fields: custom body fields by their script id.
    """

    external_id: str
    customer: Customer
    date: date
    other_reference: str
    memo: str
    currency: str
    subsidiary_id: str | None = None
    location_id: str | None = None
    lines: tuple[Line, ...]
    total: Money
    ship_method_id: str | None = None
    ship_to: bytes | None = None
    custom_fields: dict[str, str] = {}


class SalesOrder(Transaction, frozen=True, kw_only=True, tag="SalesOrder"):
    """Create a sales order.

    :param completed: whether it is closed at creation: shipped outside of NetSuite.
    """

    completed: bool


class CashSale(Transaction, frozen=True, kw_only=True, tag="CashSale"):
    """Create a cash sale: the goods are shipped and paid."""


class Lineage(msgspec.Struct, frozen=True, kw_only=True):
    """Where a command comes from.

    :param fact: effect id of the fact, ``<topic>/<partition>/<offset>``.
    """

    mapping_version: str
    fact: str
    fact_updated_at: Time


class OrderCommand(msgspec.Struct, frozen=True, kw_only=True):
    """Book an order in NetSuite."""

    account: str
    order_id: str
    ship_by: Time | None = None
    lineage: Lineage
    body: SalesOrder | CashSale


class CommandedOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What was commanded last for an order; the memory of the mapper.

    :param kind: the tag of the command's body.
    :param payload_hash: of what it asks for, without personal data and texts for people.
    :param substance_hash: of what bears on the command in the order.
    :param fact: effect id of the last fact that was looked at.
    """

    account: str
    order_id: str
    kind: str
    external_id: str
    payload_hash: str
    substance_hash: str
    mapping_version: str
    fact: str
    fact_updated_at: Time


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a command.

    :param command: effect id of the command, ``<topic>/<partition>/<offset>``.
    :param looked_up: whether an earlier try had to be looked up first.
    """

    account: str
    order_id: str
    external_id: str
    record_type: str
    result: str
    internal_id: str
    payload_hash: str
    command: str
    attempts: Count
    looked_up: bool
    finished_at: Time


class FeedState(msgspec.Struct, frozen=True, kw_only=True):
    """That a feed was read whole: from here on, what its topic does not hold is not there.

    :param whole_at: NetSuite's time at the begin of the poll that came to the end first.
    """

    account: str
    feed: str
    whole_at: Time


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """An item as NetSuite shows it now.

    :param sku: the item's name: what an order's SKU is found by.
    """

    account: str
    internal_id: str
    sku: str
    external_id: str | None = None
    display_name: str | None = None
    item_type: str
    is_inactive: bool
    modified_at: Time

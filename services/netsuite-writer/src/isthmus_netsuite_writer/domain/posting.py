"""From a command to the record that NetSuite is asked to create."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final

from isthmus.core.errors import Rejected
from isthmus.messages.netsuite import CashSale, Line, LineKind, SalesOrder, Transaction
from isthmus.messages.personal import Address
from isthmus_netsuite_writer.domain.addresses import private_texts, shipping_address
from isthmus_netsuite_writer.domain.checks import CENT, HASH_FIELD
from isthmus_netsuite_writer.domain.hashing import payload_hash

# Any other price level, and NetSuite prices the line anew from the customer's.
CUSTOM_PRICE: Final = {"id": "-1"}
# NetSuite's default waits for a person's approval.
PENDING_FULFILLMENT: Final = {"id": "B"}
LINE_REFERENCE: Final = "custcol_amz_order_item_id"
RATE_PLACES: Final = Decimal("1E-8")


class RecordType(StrEnum):
    """The types that commands create, in NetSuite's words."""

    SALES_ORDER = "salesOrder"
    CASH_SALE = "cashSale"


@dataclass(frozen=True, slots=True)
class Chart:
    """What NetSuite calls things that commands name otherwise.

    :param currencies: internal ids by ISO code.
    :param clearing_account_id: where cash sales are deposited; empty: undeposited funds.
    """

    currencies: Mapping[str, str]
    clearing_account_id: str = ""

    def currency_id(self, currency: str) -> str:
        """Return the internal id of a currency.

        :raises Rejected: it is not configured.
        """
        if currency not in self.currencies:
            raise Rejected(
                f"currency {currency} has no internal id. Remedy: add it to"
                " ISTHMUS_WRITER_CURRENCIES, then replay",
                reason_class="unknown-currency",
                path="body.currency",
            )
        return self.currencies[currency]


@dataclass(frozen=True, slots=True)
class Posting:
    """A record to create.

    :param body: as the record API takes it.
    :param private: the buyer's texts in it.
    """

    record_type: RecordType
    external_id: str
    payload_hash: str
    body: Mapping[str, object] = field(repr=False)
    private: frozenset[str] = field(default=frozenset(), repr=False)

    def delivered_to(self, address: Address) -> Posting:
        """Return the posting with the address, which is no part of its hash."""
        return Posting(
            record_type=self.record_type,
            external_id=self.external_id,
            payload_hash=self.payload_hash,
            body={**self.body, "shippingAddress": shipping_address(address)},
            private=private_texts(address),
        )


def posting_of(command_body: SalesOrder | CashSale, *, chart: Chart) -> Posting:
    """Return the record, without the address.

    :raises Rejected: a currency is not configured.
    """
    match command_body:
        case SalesOrder():
            record_type = RecordType.SALES_ORDER
            own: dict[str, object] = {"orderStatus": PENDING_FULFILLMENT}
            lines = [_line(line, is_closed=command_body.completed) for line in command_body.lines]
        case CashSale():
            record_type = RecordType.CASH_SALE
            own = _deposit(chart)
            lines = [_line(line, is_closed=False) for line in command_body.lines]
    body = {**_header(command_body, chart), **own, "item": {"items": lines}}
    hashed = payload_hash(record_type, body)
    return Posting(
        record_type=record_type,
        external_id=command_body.external_id,
        payload_hash=hashed,
        body={**body, HASH_FIELD: hashed},
    )


def _header(command_body: Transaction, chart: Chart) -> dict[str, object]:
    return {
        "externalId": command_body.external_id,
        "entity": {"externalId": command_body.customer.external_id},
        "tranDate": command_body.date.isoformat(),
        "otherRefNum": command_body.other_reference,
        "memo": command_body.memo,
        "currency": {"id": chart.currency_id(command_body.currency)},
        **_reference("subsidiary", command_body.subsidiary_id),
        **_reference("location", command_body.location_id),
        **_reference("shipMethod", command_body.ship_method_id),
        **command_body.custom_fields,
    }


def _deposit(chart: Chart) -> dict[str, object]:
    if not chart.clearing_account_id:
        return {"undepFunds": True}
    return {"undepFunds": False, "account": {"id": chart.clearing_account_id}}


def _line(line: Line, *, is_closed: bool) -> dict[str, object]:
    amount = line.amount.amount.quantize(CENT)
    return {
        "item": {"id": line.item_id},
        **_quantity_and_rate(line, amount),
        "price": CUSTOM_PRICE,
        "amount": amount,
        **_reference("location", line.location_id),
        **({"description": line.description} if line.description else {}),
        **({LINE_REFERENCE: line.order_item_id} if line.order_item_id else {}),
        **({"isClosed": True} if is_closed else {}),
    }


def _quantity_and_rate(line: Line, amount: Decimal) -> dict[str, object]:
    if line.kind == LineKind.DISCOUNT:
        # A discount item has no quantity: its rate is its amount.
        return {"rate": amount}
    exact = amount / line.quantity
    rounded = exact.quantize(RATE_PLACES, rounding=ROUND_HALF_UP)
    rate = rounded.quantize(CENT) if rounded == rounded.quantize(CENT) else rounded.normalize()
    return {"quantity": line.quantity, "rate": rate}


def _reference(name: str, internal_id: str | None) -> dict[str, object]:
    return {name: {"id": internal_id}} if internal_id else {}

"""Commands, attempts and a writer on NetSuite in memory, for tests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec

from isthmus.core.records import Attempt, Output, Record
from isthmus.core.sealing import KeyPurged
from isthmus.messages.netsuite import (
    CashSale,
    Customer,
    Line,
    Lineage,
    LineKind,
    OrderCommand,
    Outcome,
    SalesOrder,
)
from isthmus.messages.personal import Address
from isthmus.testing.builders import ACCOUNT, ORDER_ID, PURCHASED, UPDATED, usd
from isthmus.testing.clock import VirtualClock
from isthmus.testing.netsuite import FakeNetSuite
from isthmus_netsuite_writer.settings import BookingSettings
from isthmus_netsuite_writer.wiring import order_booking

KEY = f"{ACCOUNT}/{ORDER_ID}"
CUSTOMER = "AMZ-CUST-US"
ADDRESS = Address(
    name="Jane Roe",
    lines=("12 Harbor Lane", "Apartment 7"),
    city="Reno",
    state="NV",
    postal_code="89501",
    country="US",
    phone="+1 775 555 0100",
)


def a_line(**fields: Any) -> Line:
    """Return a line of two units for 39.98 dollars, or as the fields say."""
    return Line(
        **{
            "item_id": "328",
            "sku": "SKU-0001",
            "order_item_id": "11498765431234",
            "quantity": 2,
            "amount": usd("39.98"),
            "kind": LineKind.ITEM.value,
            **fields,
        }
    )


def body_fields(**fields: Any) -> dict[str, Any]:
    lines = fields.get("lines", (a_line(),))
    amounts = [line.amount.amount for line in lines]
    return {
        "external_id": f"AMZ-SO-{ORDER_ID}",
        "customer": Customer(external_id=CUSTOMER, name="Amazon.com US Marketplace"),
        "date": date(2026, 11, 27),
        "other_reference": ORDER_ID,
        "memo": "Amazon US MFN",
        "currency": "USD",
        "subsidiary_id": "1",
        "location_id": "1",
        "lines": lines,
        "total": usd(str(sum(amounts, Decimal(0)))),
        **fields,
    }


def a_sales_order(**fields: Any) -> SalesOrder:
    """Return a sales order that waits for its fulfillment, or as the fields say."""
    return SalesOrder(**{"completed": False, **body_fields(**fields)})


def a_cash_sale(**fields: Any) -> CashSale:
    """Return a cash sale, or as the fields say."""
    named = {"external_id": f"AMZ-CS-{ORDER_ID}", "location_id": "2", **fields}
    return CashSale(**body_fields(**named))


def a_command(body: SalesOrder | CashSale | None = None, **fields: Any) -> OrderCommand:
    """Return a command to book this body, or a sales order."""
    return OrderCommand(
        **{
            "account": ACCOUNT,
            "order_id": ORDER_ID,
            "lineage": Lineage(
                mapping_version="1", fact="amazon.orders/3/14", fact_updated_at=UPDATED
            ),
            "body": body or a_sales_order(),
            **fields,
        }
    )


def a_record(value: msgspec.Struct | None = None, *, key: str = KEY) -> Record[msgspec.Struct]:
    """Return the record of a command."""
    command = a_command() if value is None else value
    return Record("netsuite.order-commands", 3, 41, PURCHASED, key, command)


def an_attempt(*, number: int = 1, unsure: bool = False, current: bool = True) -> Attempt:
    """Return a first attempt with plenty of time, or as the arguments say."""
    return Attempt(
        number=number, unsure=unsure, deadline=1e6, is_current=lambda: current, tables={}
    )


@dataclass
class Envelopes:
    """Opens what it was given, unless it was purged."""

    purged: bool = False
    content: bytes = field(default_factory=lambda: msgspec.json.encode(ADDRESS))

    def open(self, *, record_key: str, field: str, sealed: bytes) -> bytes:
        assert (record_key, field, sealed) == (KEY, "recipient", b"sealed")
        if self.purged:
            raise KeyPurged(record_key)
        return self.content


class Desk:
    """A writer, and the NetSuite it writes to."""

    def __init__(self, **settings: Any) -> None:
        self.clock = VirtualClock()
        self.netsuite = FakeNetSuite(self.clock)
        self.envelopes = Envelopes()
        booking = BookingSettings(**{"currencies": {"USD": "1"}, **settings})
        self.handle = order_booking(
            self.netsuite.account(),
            booking,
            opener_of=lambda _: self.envelopes,
            clock=self.clock,
        )

    def book(
        self, value: msgspec.Struct | None = None, *, key: str = KEY, **attempt: Any
    ) -> Outcome:
        """Handle a command and return the one outcome."""
        outputs: Iterable[Output] = self.handle(a_record(value, key=key), an_attempt(**attempt))
        [output] = outputs
        assert (output.topic, output.key) == ("netsuite.outcomes", key)
        assert isinstance(output.value, Outcome)
        return output.value


NOW = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)

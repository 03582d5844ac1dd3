"""The whole writer before a simulated NetSuite that fails in every way."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from isthmus.core.errors import Rejected, Retryable, Unknown
from isthmus.core.records import Attempt, Record
from isthmus.messages.netsuite import OrderCommand, Outcome
from isthmus.testing.builders import ACCOUNT, PURCHASED, usd
from isthmus_netsuite_writer.settings import BookingSettings
from isthmus_netsuite_writer.wiring import order_booking
from tests.contract.netsuite_client.subjects import Simulated
from tests.unit.netsuite_writer.parts import (
    Envelopes,
    a_cash_sale,
    a_command,
    a_line,
    a_sales_order,
)

FAULTS: list[dict[str, object]] = [
    {"kind": "status_429", "rate": 0.1},
    {"kind": "status_400_concurrency", "rate": 0.1},
    {"kind": "status_503_html", "rate": 0.1, "when": "after"},
    {"kind": "reset", "rate": 0.1, "when": "after"},
    {"kind": "reset", "rate": 0.1, "when": "before"},
    {"kind": "commit_then_timeout", "rate": 0.1, "delay_s": 10},
    {"kind": "expired_token", "rate": 0.1},
]
# A refused login stops all requests for a while, which a scaled wait of one second is far below.
PATIENCE_S = 40.0


class Desk:
    """A writer before a simulated NetSuite."""

    def __init__(self, subject: Simulated) -> None:
        self.subject = subject
        self.item_id = subject.put_item(f"SKU-{uuid.uuid4().hex}")
        self.handle = order_booking(
            subject.account,
            BookingSettings(currencies={"USD": "1"}),
            opener_of=lambda _: self.envelopes,
            clock=subject.clock,
        )
        self.envelopes = Envelopes()

    def line(self, **fields: Any) -> Any:
        return a_line(item_id=self.item_id, **fields)

    def book(self, command: OrderCommand, *, number: int = 1, unsure: bool = False) -> Outcome:
        key = f"{ACCOUNT}/{command.order_id}"
        record: Record[msgspec.Struct] = Record("orders", 0, 7, PURCHASED, key, command)
        attempt = Attempt(
            number=number,
            unsure=unsure,
            deadline=self.subject.clock.monotonic() + 30,
            is_current=lambda: True,
            tables={},
        )
        [output] = self.handle(record, attempt)
        assert isinstance(output.value, Outcome)
        return output.value

    def book_in_the_end(self, command: OrderCommand) -> Outcome:
        """Try again as the loop does, and tell the next attempt of an unknown outcome."""
        unsure = False
        until, number, last = self.subject.clock.monotonic() + PATIENCE_S, 0, ""
        while self.subject.clock.monotonic() < until:
            number += 1
            try:
                return self.book(command, number=number, unsure=unsure)
            except Retryable as error:
                unsure = unsure or isinstance(error, Unknown)
                last = str(error)
                self.subject.clock.sleep(error.after_s or 1)
        pytest.fail(f"not booked in {number} attempts and {PATIENCE_S:g} s: {last}")

    def truth(self, record_type: str, external_id: str) -> list[Any]:
        rows = self.subject.behind.truth(record_type)
        return [row for row in rows if row["external_id"] == external_id]


@pytest.fixture
def desk(sandbox: Simulated) -> Desk:
    return Desk(sandbox)


def an_order_id() -> str:
    digits = str(uuid.uuid4().int)
    return f"{digits[:3]}-{digits[3:10]}-{digits[10:17]}"


class TestOrderBooking:
    def test_books_a_sales_order_as_commanded(self, desk: Desk) -> None:
        order_id = an_order_id()
        discount = desk.line(quantity=1, amount=usd("-5.00"), kind="discount", order_item_id="")
        odd = desk.line(quantity=3, amount=usd("10.00"))
        body = a_sales_order(
            external_id=f"AMZ-SO-{order_id}",
            other_reference=order_id,
            lines=(desk.line(), odd, discount),
            ship_method_id="3",
            custom_fields={"custbody_amz_channel": "MFN"},
        )

        outcome = desk.book(a_command(body, order_id=order_id))

        [row] = desk.truth("salesOrder", f"AMZ-SO-{order_id}")
        whole = desk.subject.behind.logged_in().whole(f"salesOrder/{outcome.internal_id}")
        assert outcome.result == "created"
        assert row["payload_hash"] == outcome.payload_hash
        assert Decimal(row["total"]) == Decimal("44.98")
        assert whole["status"]["id"] == "Pending Fulfillment"
        assert whole["otherRefNum"] == order_id
        assert [line["amount"] for line in whole["item"]["items"]] == [39.98, 10, -5]

    def test_delivers_the_address_that_was_sealed(self, desk: Desk) -> None:
        name = f"AMZ-SO-{uuid.uuid4().hex}"
        body = a_sales_order(external_id=name, lines=(desk.line(),), ship_to=b"sealed")

        outcome = desk.book(a_command(body))

        whole = desk.subject.behind.logged_in().whole(f"salesOrder/{outcome.internal_id}")
        address = whole["shippingAddress"]
        assert (address["addressee"], address["addr2"]) == ("Jane Roe", "Apartment 7")

    def test_closes_an_order_that_was_shipped_elsewhere(self, desk: Desk) -> None:
        order_id = an_order_id()
        body = a_sales_order(
            external_id=f"AMZ-SO-{order_id}", lines=(desk.line(), desk.line()), completed=True
        )

        outcome = desk.book(a_command(body, order_id=order_id))

        whole = desk.subject.behind.logged_in().whole(f"salesOrder/{outcome.internal_id}")
        assert whole["status"]["id"] == "Closed"

    def test_books_a_cash_sale_and_knows_it_again(self, desk: Desk) -> None:
        order_id = an_order_id()
        command = a_command(
            a_cash_sale(external_id=f"AMZ-CS-{order_id}", lines=(desk.line(),)), order_id=order_id
        )

        first, second = desk.book(command), desk.book(command)

        assert (first.result, second.result) == ("created", "already_there")
        assert first.internal_id == second.internal_id
        assert first.payload_hash == second.payload_hash

    def test_never_overwrites(self, desk: Desk) -> None:
        order_id = an_order_id()
        name = f"AMZ-SO-{order_id}"
        desk.book(
            a_command(a_sales_order(external_id=name, lines=(desk.line(),)), order_id=order_id)
        )
        [before] = desk.truth("salesOrder", name)
        other = a_sales_order(external_id=name, lines=(desk.line(quantity=3),))

        with pytest.raises(Rejected) as raised:
            desk.book(a_command(other, order_id=order_id))

        assert raised.value.reason_class == "conflict"
        assert desk.truth("salesOrder", name) == [before]

    def test_says_where_netsuite_found_the_fault(self, desk: Desk) -> None:
        order_id = an_order_id()
        lines = (desk.line(), a_line(item_id="999999"))
        body = a_sales_order(external_id=f"AMZ-SO-{order_id}", lines=lines)

        with pytest.raises(Rejected) as raised:
            desk.book(a_command(body, order_id=order_id))

        assert raised.value.path == "item.items[1].item"
        assert raised.value.reason_class == "invalid-reference"

    def test_books_each_order_once_through_every_fault(self, desk: Desk) -> None:
        answer = desk.subject.behind.http.post(
            "/_control/faults", json=[{"operation": "*", **fault} for fault in FAULTS]
        )
        assert answer.status_code == 200, answer.text
        order_ids = [an_order_id() for _ in range(40)]
        commands = [
            a_command(
                a_sales_order(external_id=f"AMZ-SO-{order_id}", lines=(desk.line(),)),
                order_id=order_id,
            )
            for order_id in order_ids
        ]

        with ThreadPoolExecutor(4) as pool:
            outcomes = list(pool.map(desk.book_in_the_end, commands))

        assert {one.order_id for one in outcomes} == set(order_ids)
        for outcome in outcomes:
            [row] = desk.truth("salesOrder", outcome.external_id)
            assert row["creations"] == 1
            assert (row["id"], row["payload_hash"]) == (outcome.internal_id, outcome.payload_hash)
        assert "already_there" in {one.result for one in outcomes}

"""One command, one record in NetSuite."""

from __future__ import annotations

from decimal import Decimal

import pytest

from isthmus.core.errors import Rejected, Retryable, Unknown
from isthmus.core.sealing import KeyPurged
from isthmus.messages.netsuite import Outcome
from isthmus.netsuite.intent import Intent
from isthmus.testing.builders import ACCOUNT, ORDER_ID, a_netsuite_item, usd
from tests.unit.netsuite_writer.parts import (
    CUSTOMER,
    NOW,
    Desk,
    a_cash_sale,
    a_command,
    a_line,
    a_sales_order,
)

HASH = "custbody_amz_payload_hash"


class TestOrderBooking:
    def test_creates_the_record_and_tells_its_outcome(self) -> None:
        desk = Desk()

        outcome = desk.book()

        [held] = desk.netsuite.held("salesOrder")
        assert outcome == Outcome(
            account=ACCOUNT,
            order_id=ORDER_ID,
            external_id=f"AMZ-SO-{ORDER_ID}",
            record_type="salesOrder",
            result="created",
            internal_id=held.id,
            payload_hash=held.body[HASH],
            command="netsuite.order-commands/3/41",
            attempts=1,
            looked_up=False,
            finished_at=NOW,
        )

    def test_asks_for_no_more_than_it_must(self) -> None:
        desk = Desk()

        desk.book()
        desk.book(a_command(a_cash_sale()))

        assert desk.netsuite.calls == [
            "find customer",
            "create customer",
            "create salesOrder",
            "create cashSale",
        ]

    def test_books_a_command_that_comes_twice_once(self) -> None:
        desk = Desk()
        first = desk.book()

        second = desk.book()

        assert second.result == "already_there"
        assert second.internal_id == first.internal_id
        assert len(desk.netsuite.held("salesOrder")) == 1

    def test_looks_first_when_an_earlier_attempt_may_have_booked(self) -> None:
        desk = Desk()
        desk.netsuite.fail("create salesOrder", Unknown("no answer in time"), committed=True)
        with pytest.raises(Unknown):
            desk.book()
        desk.netsuite.calls.clear()

        outcome = desk.book(number=2, unsure=True)

        assert desk.netsuite.calls == ["find salesOrder"]
        assert (outcome.result, outcome.looked_up, outcome.attempts) == ("already_there", True, 2)
        assert len(desk.netsuite.held("salesOrder")) == 1

    def test_books_when_the_look_shows_that_it_had_not(self) -> None:
        desk = Desk()
        desk.netsuite.fail("create salesOrder", Unknown("no answer in time"))
        with pytest.raises(Unknown):
            desk.book()

        outcome = desk.book(number=2, unsure=True)

        assert (outcome.result, outcome.looked_up) == ("created", True)
        assert len(desk.netsuite.held("salesOrder")) == 1

    def test_does_not_write_when_the_look_fails(self) -> None:
        desk = Desk()
        desk.netsuite.fail("find salesOrder", Retryable("503"))

        with pytest.raises(Retryable):
            desk.book(number=2, unsure=True)

        assert desk.netsuite.calls == ["find salesOrder"]

    @pytest.mark.parametrize("unsure", [False, True])
    def test_never_overwrites_another_content(self, unsure: bool) -> None:
        desk = Desk()
        before = desk.book()
        changed = a_command(a_sales_order(lines=(a_line(quantity=3),)))

        with pytest.raises(Rejected) as raised:
            desk.book(changed, unsure=unsure)

        [held] = desk.netsuite.held("salesOrder")
        assert raised.value.reason_class == "conflict"
        assert before.payload_hash in raised.value.detail
        assert raised.value.detail.count("sha256:") == 2
        assert held.body["item"]["items"][0]["quantity"] == 2

    def test_does_not_adopt_a_record_that_somebody_else_made(self) -> None:
        desk = Desk()
        by_hand = {"externalId": f"AMZ-SO-{ORDER_ID}", "memo": "typed in"}
        desk.netsuite.create("salesOrder", by_hand, intent=Intent(purpose="by hand", deadline=1e6))

        with pytest.raises(Rejected, match="somebody else"):
            desk.book()

    def test_retries_when_the_external_id_is_taken_by_another_type(self) -> None:
        desk = Desk()
        desk.book()

        with pytest.raises(Retryable) as raised:
            desk.book(a_command(a_cash_sale(external_id=f"AMZ-SO-{ORDER_ID}")))

        assert type(raised.value) is Retryable
        assert raised.value.reason_class == "exists-elsewhere"

    def test_sends_nothing_for_another_worker(self) -> None:
        desk = Desk()

        with pytest.raises(Retryable) as raised:
            desk.book(current=False)

        assert raised.value.reason_class == "not-current"
        assert desk.netsuite.calls == []

    def test_looks_the_customer_up_again_when_netsuite_does_not_know_it(self) -> None:
        desk = Desk()
        desk.book()
        desk.netsuite.forget("customer")
        gone = Rejected("Invalid Field Value", reason_class="invalid-reference", path="entity")
        desk.netsuite.fail("create cashSale", gone)
        with pytest.raises(Retryable) as raised:
            desk.book(a_command(a_cash_sale()))

        desk.book(a_command(a_cash_sale()))

        assert raised.value.reason_class == "customer-gone"
        assert [one.body["externalId"] for one in desk.netsuite.held("customer")] == [CUSTOMER]

    def test_treats_another_record_as_a_bug(self) -> None:
        with pytest.raises(TypeError, match="Item"):
            Desk().book(a_netsuite_item())


class TestAddress:
    def test_is_opened_for_the_record_alone(self) -> None:
        desk = Desk()

        desk.book(a_command(a_sales_order(ship_to=b"sealed")))

        [held] = desk.netsuite.held("salesOrder")
        assert held.body["shippingAddress"]["addressee"] == "Jane Roe"

    def test_is_not_needed_to_know_a_record_again(self) -> None:
        desk = Desk()
        command = a_command(a_sales_order(ship_to=b"sealed"))
        desk.book(command)
        desk.envelopes.purged = True

        outcome = desk.book(command, unsure=True)

        assert outcome.result == "already_there"

    def test_that_was_purged_is_told(self) -> None:
        desk = Desk()
        desk.envelopes.purged = True

        with pytest.raises(KeyPurged):
            desk.book(a_command(a_sales_order(ship_to=b"sealed")))

        assert desk.netsuite.held("salesOrder") == []

    def test_that_cannot_be_read_is_refused_and_not_quoted(self) -> None:
        desk = Desk()
        desk.envelopes.content = b'{"name": ["Jane Roe"]}'

        with pytest.raises(Rejected) as raised:
            desk.book(a_command(a_sales_order(ship_to=b"sealed")))

        assert raised.value.path == "body.ship_to"
        assert "Jane" not in str(raised.value)
        assert raised.value.__cause__ is None


class TestBadInput:
    def test_is_refused_before_anything_is_sent(self) -> None:
        desk = Desk()

        with pytest.raises(Rejected) as raised:
            desk.book(a_command(a_sales_order(lines=(), total=usd("0"))))

        assert raised.value.path == "body.lines"
        assert desk.netsuite.calls == []

    def test_of_a_currency_without_id_names_the_remedy(self) -> None:
        desk = Desk(currencies={"CAD": "2"})

        with pytest.raises(Rejected, match="ISTHMUS_WRITER_CURRENCIES") as raised:
            desk.book()

        assert raised.value.reason_class == "unknown-currency"

    def test_that_netsuite_refuses_keeps_its_place(self) -> None:
        desk = Desk()
        refused = Rejected("closed", reason_class="closed-period", path="tranDate")
        desk.netsuite.fail("create cashSale", refused)

        with pytest.raises(Rejected) as raised:
            desk.book(a_command(a_cash_sale()))

        assert raised.value.path == "tranDate"


class TestMoney:
    def test_arrives_digit_for_digit(self) -> None:
        desk = Desk()

        desk.book(a_command(a_sales_order(lines=(a_line(quantity=3, amount=usd("0.10")),))))

        [line] = desk.netsuite.held("salesOrder")[0].body["item"]["items"]
        assert (line["amount"], line["rate"]) == (Decimal("0.10"), Decimal("0.03333333"))
        assert type(line["amount"]) is Decimal

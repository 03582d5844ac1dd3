"""From an order in Amazon's words to the fact."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from isthmus.core.errors import Rejected
from isthmus.core.sealing import KeyPurged
from isthmus.messages.amazon import Charge, Order
from isthmus.messages.personal import Address, Buyer
from isthmus.testing.builders import usd
from isthmus_amazon_ingest.domain.translator import Reading, sealed, translated
from tests.unit.amazon_ingest.amazon_orders import DROPPED, Json, OpenSealer, amazon_order, raw

NOW = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)
READING = Reading(account="acme-us", marketplaces=frozenset({"ATVPDKIKX0DER"}), now=NOW)
KEY = "acme-us/111-1234567-1234567"
BREAKDOWNS = "orderItems.0.proceeds.breakdowns"
UNIT_PRICE = "orderItems.0.product.price.unitPrice"


def a_fact(changes: Json | None = None, **fields: Any) -> Order:
    translation = translated(raw(amazon_order(changes, **fields)), reading=READING)
    return sealed(translation, OpenSealer())


def opened(sealed: bytes | None, field: str, kind: type[Any]) -> Any:
    assert sealed is not None
    prefix = f"{KEY}|{field}|".encode()
    assert sealed.startswith(prefix)
    return msgspec.json.decode(sealed.removeprefix(prefix), type=kind)


def money(amount: object, currency: object = "USD") -> Json:
    return {"amount": amount, "currencyCode": currency}


class TestFact:
    def test_says_what_amazon_says(self) -> None:
        order = a_fact()

        assert (order.account, order.order_id) == ("acme-us", "111-1234567-1234567")
        assert (order.status, order.fulfilled_by, order.service_level) == (
            "UNSHIPPED",
            "MERCHANT",
            "STANDARD",
        )
        assert order.purchased_at == datetime(2026, 11, 27, 7, 0, tzinfo=UTC)
        assert order.updated_at == datetime(2026, 11, 27, 7, 30, tzinfo=UTC)
        assert order.ship_by == datetime(2026, 11, 28, 23, 59, 59, tzinfo=UTC)
        assert order.deliver_by == datetime(2026, 12, 1, 23, 59, 59, tzinfo=UTC)
        assert order.grand_total == usd("49.99")
        assert (order.programs, order.source) == (("PRIME",), "search")

    def test_says_what_was_ordered(self) -> None:
        [item] = a_fact().items

        assert (item.item_id, item.sku, item.asin) == (
            "11498765431234",
            "SKU-0001",
            "B000000001",
        )
        assert (item.quantity_ordered, item.quantity_fulfilled, item.quantity_unfulfilled) == (
            2,
            0,
            2,
        )
        assert item.unit_price == usd("20.00")

    @pytest.mark.parametrize(
        ("fulfilled", "unfulfilled", "wanted"),
        [(0, 2, 2), (1, 1, 2), (2, 0, 2), (1, 0, 1), (0, 0, 0), (None, 0, 2), (0, None, 2)],
    )
    def test_counts_no_units_that_were_cancelled(
        self, fulfilled: int | None, unfulfilled: int | None, wanted: int
    ) -> None:
        counts = {"quantityFulfilled": fulfilled, "quantityUnfulfilled": unfulfilled}

        [item] = a_fact({"orderItems.0.fulfillment": counts}).items

        assert item.quantity_ordered == wanted

    def test_names_the_sections_that_amazon_gave(self) -> None:
        assert a_fact().sections == ("BUYER", "RECIPIENT", "PROCEEDS", "FULFILLMENT")
        assert a_fact(buyer=None, recipient=None).sections == ("PROCEEDS", "FULFILLMENT")

    def test_reads_money_to_the_last_digit(self) -> None:
        order = a_fact({"proceeds.grandTotal": money("1234567890123456.7891", "JPY")})

        assert order.grand_total is not None
        assert order.grand_total.amount == Decimal("1234567890123456.7891")

    def test_needs_no_more_than_amazon_promises(self) -> None:
        item = {"orderItemId": "1", "quantityOrdered": 1, "product": {}}
        bare = {
            "orderId": "111-1",
            "createdTime": "2026-11-27T07:00:00Z",
            "lastUpdatedTime": "2026-11-27T07:30:00Z",
            "salesChannel": {"channelName": "AMAZON", "marketplaceId": "ATVPDKIKX0DER"},
            "fulfillment": {"fulfillmentStatus": "PENDING"},
            "orderItems": [item],
        }

        order = sealed(translated(raw(bare), reading=READING), OpenSealer())

        assert order.items[0].charges == ()
        assert (order.buyer, order.recipient, order.grand_total) == (None, None, None)


class TestPersonalData:
    def test_is_sealed_for_the_order_and_the_field(self) -> None:
        order = a_fact()

        assert opened(order.buyer, "buyer", Buyer) == Buyer(
            name="Ada Lovelace", email="ada@marketplace.amazon.com"
        )
        assert opened(order.recipient, "recipient", Address) == Address(
            name="Ada Lovelace",
            lines=("12 St James Square",),
            city="Seattle",
            state="WA",
            postal_code="98101",
            country="US",
            phone="+1 206 555 0100",
        )

    def test_leaves_country_and_state_for_rules(self) -> None:
        order = a_fact()

        assert (order.ship_country, order.ship_state) == ("US", "WA")

    def test_is_absent_when_amazon_tells_nothing(self) -> None:
        order = a_fact(buyer={}, recipient={"deliveryAddress": {"addressType": "RESIDENTIAL"}})

        assert (order.buyer, order.recipient) == (None, None)

    def test_does_not_come_back_when_it_was_purged(self) -> None:
        class Purged(OpenSealer):
            def seal(self, *, record_key: str, field: str, plain: bytes) -> bytes:
                raise KeyPurged(record_key)

        order = sealed(translated(raw(amazon_order()), reading=READING), Purged())

        assert (order.buyer, order.recipient) == (None, None)
        assert order.order_id


class TestCharges:
    def test_are_the_parts_of_the_breakdowns(self) -> None:
        [item] = a_fact().items

        assert item.charges == (
            Charge(type="ITEM", amount=usd("40.00")),
            Charge(type="TAX", subtype="ITEM", amount=usd("9.00")),
            Charge(type="TAX", subtype="SHIPPING", amount=usd("0.99")),
        )

    def test_are_the_subtotal_when_the_parts_are_not_all_of_it(self) -> None:
        part = f"{BREAKDOWNS}.1.detailedBreakdowns.0.value"

        [item] = a_fact({part: money("8.00")}).items

        assert item.charges[1:] == (Charge(type="TAX", amount=usd("9.99")),)

    def test_are_the_subtotal_when_a_part_has_another_currency(self) -> None:
        part = f"{BREAKDOWNS}.1.detailedBreakdowns.0.value"

        [item] = a_fact({part: money("9.00", "CAD")}).items

        assert item.charges[1:] == (Charge(type="TAX", amount=usd("9.99")),)

    @pytest.mark.parametrize("sign", ["", "-"])
    def test_count_a_discount_as_negative_however_amazon_writes_it(self, sign: str) -> None:
        discount = {
            "type": "DISCOUNT",
            "subtotal": money(f"{sign}5.00"),
            "detailedBreakdowns": [
                {"subtype": "ITEM", "value": money(f"{sign}3.00")},
                {"subtype": "SHIPPING", "value": money(f"{sign}2.00")},
            ],
        }

        [item] = a_fact({BREAKDOWNS: [discount]}).items

        assert [charge.amount for charge in item.charges] == [usd("-3.00"), usd("-2.00")]


class TestRefusal:
    @pytest.mark.parametrize(
        ("changes", "reason_class", "path"),
        [
            ({"orderItems": []}, "no-items", "orderItems"),
            ({"orderItems": DROPPED}, "no-items", "orderItems"),
            ({"orderItems": None}, "no-items", "orderItems"),
            (
                {"orderItems.0.quantityOrdered": -1},
                "negative-quantity",
                "orderItems[0].quantityOrdered",
            ),
            (
                {"orderItems.0.fulfillment.quantityFulfilled": -2},
                "negative-quantity",
                "orderItems[0].fulfillment.quantityFulfilled",
            ),
            (
                {"orderItems.0.quantityOrdered": 2**31},
                "malformed-order",
                "orderItems[0].quantityOrdered",
            ),
            (
                {"orderItems.0.quantityOrdered": 1.5},
                "malformed-order",
                "orderItems[0].quantityOrdered",
            ),
            (
                {f"{BREAKDOWNS}.0.subtotal": {"amount": "40.00"}},
                "amount-without-currency",
                "orderItems[0].proceeds.breakdowns[0].subtotal.currencyCode",
            ),
            (
                {"proceeds.grandTotal": money("49.99", "")},
                "amount-without-currency",
                "proceeds.grandTotal.currencyCode",
            ),
            (
                {UNIT_PRICE: {"currencyCode": "USD"}},
                "malformed-amount",
                "orderItems[0].product.price.unitPrice.amount",
            ),
            (
                {f"{BREAKDOWNS}.0.subtotal": DROPPED},
                "malformed-amount",
                "orderItems[0].proceeds.breakdowns[0].subtotal",
            ),
            ({UNIT_PRICE: money("NaN")}, "malformed-amount", UNIT_PRICE.replace(".0", "[0]")),
            (
                {UNIT_PRICE: money("1e999999999")},
                "malformed-amount",
                "orderItems[0].product.price.unitPrice",
            ),
            (
                {UNIT_PRICE: money("0.00001")},
                "malformed-amount",
                "orderItems[0].product.price.unitPrice",
            ),
            (
                {UNIT_PRICE: money("1", "usd")},
                "malformed-amount",
                "orderItems[0].product.price.unitPrice",
            ),
            (
                {UNIT_PRICE: money("a lot")},
                "malformed-order",
                "orderItems[0].product.price.unitPrice.amount",
            ),
            (
                {"salesChannel.marketplaceId": "A2EUQ1WTGCTBG2"},
                "unknown-marketplace",
                "salesChannel.marketplaceId",
            ),
            (
                {"salesChannel.marketplaceId": DROPPED},
                "unknown-marketplace",
                "salesChannel.marketplaceId",
            ),
            ({"lastUpdatedTime": "2026-11-27T08:10:01Z"}, "clock-in-future", "lastUpdatedTime"),
            ({"createdTime": "2027-11-27T08:00:00Z"}, "clock-in-future", "createdTime"),
            ({"lastUpdatedTime": "2026-11-27T07:30:00"}, "malformed-order", "lastUpdatedTime"),
            ({"fulfillment": DROPPED}, "no-status", "fulfillment.fulfillmentStatus"),
            ({"orderId": "111/222"}, "malformed-order", "orderId"),
            ({"orderId": DROPPED}, "malformed-order", ""),
        ],
    )
    def test_names_reason_and_place(self, changes: Json, reason_class: str, path: str) -> None:
        with pytest.raises(Rejected) as refusal:
            a_fact(changes)

        assert (refusal.value.reason_class, refusal.value.path) == (reason_class, path)

    def test_lets_a_clock_be_ten_minutes_off(self) -> None:
        assert a_fact({"lastUpdatedTime": "2026-11-27T08:10:00Z"}).order_id

    def test_tells_a_person_what_to_do(self) -> None:
        with pytest.raises(Rejected) as refusal:
            a_fact({"salesChannel.marketplaceId": "A2EUQ1WTGCTBG2"})

        assert str(refusal.value) == (
            "salesChannel.marketplaceId: marketplace 'A2EUQ1WTGCTBG2' is not one that account"
            " acme-us lists. Remedy: add it to the file of accounts and to the account's mapping"
        )

    @pytest.mark.parametrize("name", ["buyerName", "buyerEmail"])
    def test_quotes_no_person(self, name: str) -> None:
        with pytest.raises(Rejected) as refusal:
            a_fact({f"buyer.{name}": ["Ada Lovelace"]})

        assert "Ada" not in str(refusal.value)
        assert refusal.value.path == f"buyer.{name}"

    @pytest.mark.parametrize("garbage", [b"", b"[]", b"{", b'{"orderId":"\xff\xff"}'])
    def test_is_given_for_garbage(self, garbage: bytes) -> None:
        with pytest.raises(Rejected) as refusal:
            translated(garbage, reading=READING)

        assert refusal.value.reason_class == "malformed-order"

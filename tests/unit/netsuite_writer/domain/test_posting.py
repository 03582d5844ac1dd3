"""From a command to a record."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.core.errors import Rejected
from isthmus.messages.netsuite import CashSale, SalesOrder
from isthmus.messages.personal import Address
from isthmus.testing.builders import ORDER_ID, usd
from isthmus_netsuite_writer.domain.addresses import private_texts, shipping_address
from isthmus_netsuite_writer.domain.posting import Chart, Posting, RecordType, posting_of
from tests.unit.netsuite_writer.parts import ADDRESS, a_cash_sale, a_line, a_sales_order

CHART = Chart(currencies={"USD": "1"})


def posted(body: SalesOrder | CashSale, chart: Chart = CHART) -> Posting:
    return posting_of(body, chart=chart)


class TestPostingOf:
    def test_a_sales_order_is_this_record(self) -> None:
        discount = a_line(
            item_id="901", order_item_id="", quantity=1, amount=usd("-5.00"), kind="discount"
        )
        order = a_sales_order(
            lines=(a_line(description="Mug", location_id="7"), discount),
            ship_method_id="3",
            custom_fields={"custbody_amz_channel": "MFN"},
        )

        posting = posted(order)

        assert posting.record_type is RecordType.SALES_ORDER
        assert posting.body == {
            "externalId": f"AMZ-SO-{ORDER_ID}",
            "entity": {"externalId": "AMZ-CUST-US"},
            "tranDate": "2026-11-27",
            "otherRefNum": ORDER_ID,
            "memo": "Amazon US MFN",
            "currency": {"id": "1"},
            "subsidiary": {"id": "1"},
            "location": {"id": "1"},
            "shipMethod": {"id": "3"},
            "orderStatus": {"id": "B"},
            "custbody_amz_channel": "MFN",
            "custbody_amz_payload_hash": posting.payload_hash,
            "item": {
                "items": [
                    {
                        "item": {"id": "328"},
                        "quantity": 2,
                        "price": {"id": "-1"},
                        "rate": Decimal("19.99"),
                        "amount": Decimal("39.98"),
                        "location": {"id": "7"},
                        "description": "Mug",
                        "custcol_amz_order_item_id": "11498765431234",
                    },
                    {
                        "item": {"id": "901"},
                        "price": {"id": "-1"},
                        "rate": Decimal("-5.00"),
                        "amount": Decimal("-5.00"),
                    },
                ]
            },
        }

    def test_a_completed_sales_order_is_closed_line_by_line(self) -> None:
        lines = posted(a_sales_order(completed=True, lines=(a_line(), a_line()))).body["item"]

        assert lines == {"items": [{**line, "isClosed": True} for line in _lines(2)]}

    @pytest.mark.parametrize(
        ("account_id", "deposit"),
        [
            ("", {"undepFunds": True}),
            ("118", {"undepFunds": False, "account": {"id": "118"}}),
        ],
    )
    def test_a_cash_sale_is_deposited_where_the_chart_says(
        self, account_id: str, deposit: dict[str, object]
    ) -> None:
        chart = Chart(currencies={"USD": "1"}, clearing_account_id=account_id)

        body = posted(a_cash_sale(), chart).body

        assert {name: body[name] for name in ("undepFunds", "account") if name in body} == deposit
        assert "orderStatus" not in body

    @given(
        cents=st.integers(min_value=0, max_value=10**9), quantity=st.integers(1, max_value=10_000)
    )
    def test_the_rate_comes_to_the_amount_to_the_cent(self, cents: int, quantity: int) -> None:
        amount = Decimal(cents) / 100

        body = posted(a_sales_order(lines=(a_line(quantity=quantity, amount=usd(str(amount))),)))

        [line] = body.body["item"]["items"]  # type: ignore[index]
        assert line["amount"] == amount
        assert abs(line["rate"] * quantity - amount) < Decimal("0.005")

    def test_refuses_a_currency_without_id(self) -> None:
        with pytest.raises(Rejected) as raised:
            posted(a_sales_order(), Chart(currencies={"EUR": "4"}))

        assert raised.value.path == "body.currency"


class TestPayloadHash:
    def test_stays_what_it_is_from_release_to_release(self) -> None:
        # A change here makes every redelivered command of a running system a conflict.
        assert posted(a_sales_order()).payload_hash == GOLDEN_SALES_ORDER
        assert posted(a_cash_sale()).payload_hash == GOLDEN_CASH_SALE

    @pytest.mark.parametrize(
        "other",
        [
            a_sales_order(lines=(a_line(quantity=3),)),
            a_sales_order(lines=(a_line(amount=usd("39.97")),)),
            a_sales_order(lines=(a_line(item_id="329"),)),
            a_sales_order(lines=(a_line(location_id="2"),)),
            a_sales_order(lines=(a_line(), a_line())),
            a_sales_order(completed=True),
            a_sales_order(location_id=None),
            a_sales_order(custom_fields={"custbody_amz_channel": "FBA"}),
            a_cash_sale(external_id=f"AMZ-SO-{ORDER_ID}", location_id="1"),
        ],
    )
    def test_tells_apart_what_the_books_or_the_warehouse_rest_on(
        self, other: SalesOrder | CashSale
    ) -> None:
        assert posted(other).payload_hash != posted(a_sales_order()).payload_hash

    @pytest.mark.parametrize(
        "other",
        [
            a_sales_order(memo="another memo"),
            a_sales_order(lines=(a_line(description="a new title"),)),
            a_sales_order(ship_to=b"sealed"),
            a_sales_order(lines=(a_line(amount=usd("39.9800")),)),
        ],
    )
    def test_does_not_tell_apart_what_they_do_not(self, other: SalesOrder) -> None:
        assert posted(other).payload_hash == posted(a_sales_order()).payload_hash

    def test_is_the_same_with_and_without_the_address(self) -> None:
        posting = posted(a_sales_order())

        assert posting.delivered_to(ADDRESS).payload_hash == posting.payload_hash


class TestShippingAddress:
    def test_is_in_netsuites_words(self) -> None:
        assert shipping_address(ADDRESS) == {
            "addressee": "Jane Roe",
            "addr1": "12 Harbor Lane",
            "addr2": "Apartment 7",
            "city": "Reno",
            "state": "NV",
            "zip": "89501",
            "country": {"id": "US"},
            "addrPhone": "+1 775 555 0100",
            "override": False,
        }

    def test_names_the_company_above_the_person(self) -> None:
        shown = shipping_address(msgspec.structs.replace(ADDRESS, company="Roe & Sons"))

        assert (shown["addressee"], shown["attention"]) == ("Roe & Sons", "Jane Roe")

    def test_loses_no_line(self) -> None:
        lines = ("a", "b", "c", "d\ne")

        shown = shipping_address(Address(lines=lines, district="f"))

        assert [shown[name] for name in ("addr1", "addr2", "addr3")] == ["a", "b", "c, d e, f"]

    def test_has_private_texts_for_all_that_tells_of_the_buyer(self) -> None:
        shown = shipping_address(ADDRESS)
        texts = {text for text in shown.values() if isinstance(text, str)}

        assert texts <= private_texts(ADDRESS)

    def test_does_not_show_in_a_repr(self) -> None:
        assert "Jane" not in repr(posted(a_sales_order()).delivered_to(ADDRESS))


def _lines(count: int) -> list[dict[str, object]]:
    [line] = posted(a_sales_order()).body["item"]["items"]  # type: ignore[index]
    return [line] * count


GOLDEN_SALES_ORDER = "sha256:4aea37f797798e182bb07da3a11fd6e3ebb520be7311d1557694050a83b9f098"
GOLDEN_CASH_SALE = "sha256:99d16d4704007d10520cadd317abdc4345fb40e92428585b4ee8478a14b2534e"

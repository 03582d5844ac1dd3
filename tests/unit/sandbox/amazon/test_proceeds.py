from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from isthmus_sandbox.amazon.marketplaces import BY_CODE, MARKETPLACES, Marketplace
from isthmus_sandbox.amazon.orders import Document
from isthmus_sandbox.amazon.proceeds import LineAmounts, item_proceeds, order_proceeds, zeroed

MARKETPLACE = st.sampled_from(MARKETPLACES)


def amounts_in(marketplace: Marketplace) -> st.SearchStrategy[LineAmounts]:
    amount = st.decimals(0, 9999, places=marketplace.exponent)
    return st.builds(LineAmounts, item=amount, shipping=amount, gift_wrap=amount)


def of(document: Document) -> Decimal:
    return Decimal(document["amount"])


def subtotals(proceeds: Document) -> dict[str, Decimal]:
    return {b["type"]: of(b["subtotal"]) for b in proceeds["breakdowns"]}


class TestItemProceeds:
    def test_add_the_tax_of_each_part_and_take_discounts_off_first(self) -> None:
        amounts = LineAmounts(
            item=Decimal("20.00"),
            shipping=Decimal("4.99"),
            item_discount=Decimal("2.00"),
            shipping_discount=Decimal("4.99"),
        )

        proceeds = item_proceeds(amounts, BY_CODE["US"])

        assert subtotals(proceeds) == {
            "ITEM": Decimal("20.00"),
            "SHIPPING": Decimal("4.99"),
            "TAX": Decimal("1.49"),
            "DISCOUNT": Decimal("-6.99"),
        }
        assert proceeds["proceedsTotal"] == {"amount": "19.49", "currencyCode": "USD"}

    def test_add_no_tax_where_prices_hold_it(self) -> None:
        proceeds = item_proceeds(LineAmounts(item=Decimal("34.99")), BY_CODE["UK"])

        assert subtotals(proceeds) == {"ITEM": Decimal("34.99")}

    def test_write_yen_without_a_point(self) -> None:
        proceeds = item_proceeds(LineAmounts(item=Decimal(5980)), BY_CODE["JP"])

        assert proceeds["proceedsTotal"] == {"amount": "5980", "currencyCode": "JPY"}

    @given(data=st.data(), marketplace=MARKETPLACE)
    def test_add_up_to_the_cent(self, data: st.DataObject, marketplace: Marketplace) -> None:
        proceeds = item_proceeds(data.draw(amounts_in(marketplace)), marketplace)

        assert sum(subtotals(proceeds).values()) == of(proceeds["proceedsTotal"])
        for breakdown in proceeds["breakdowns"]:
            parts = breakdown.get("detailedBreakdowns")
            if parts is not None:
                assert sum(of(part["value"]) for part in parts) == of(breakdown["subtotal"])


class TestOrderProceeds:
    @given(data=st.data(), marketplace=MARKETPLACE)
    def test_are_the_sum_of_the_items(self, data: st.DataObject, marketplace: Marketplace) -> None:
        lines = data.draw(st.lists(amounts_in(marketplace), min_size=1, max_size=4))
        items = [{"proceeds": item_proceeds(line, marketplace)} for line in lines]

        proceeds = order_proceeds(items)

        total = sum(of(item["proceeds"]["proceedsTotal"]) for item in items)
        assert of(proceeds["grandTotal"]) == total
        assert sum(subtotals(proceeds).values()) == total


class TestZeroed:
    def test_keeps_the_currency_and_its_digits(self) -> None:
        proceeds = item_proceeds(LineAmounts(item=Decimal("9.50")), BY_CODE["DE"])

        assert zeroed(proceeds)["proceedsTotal"] == {"amount": "0.00", "currencyCode": "EUR"}

"""From what a buyer pays to the lines of a transaction."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.core.money import Money
from isthmus.messages.amazon import Charge, Order, OrderItem
from isthmus.messages.netsuite import Line, OrderCommand
from isthmus.testing.builders import a_charge, an_order, an_order_item, usd
from isthmus_mapper.domain.mapping import TaxPolicy
from tests.unit.mapper.parts import a_mapping, command, mapped, rejection

CHARGES = (
    a_charge("80.00"),
    a_charge("4.99", type="SHIPPING"),
    a_charge("3.00", type="GIFT_WRAP"),
    a_charge("-5.00", type="DISCOUNT", subtype="ITEM"),
    a_charge("-1.00", type="DISCOUNT", subtype="SHIPPING"),
    a_charge("6.00", type="TAX", subtype="ITEM"),
    a_charge("0.40", type="TAX", subtype="SHIPPING"),
)
TWO_MUGS = an_order_item(quantity_ordered=2, charges=CHARGES)


def lines(order: Order, *, tax: str = "book") -> list[Line]:
    return list(command(order, mapping=a_mapping(tax=tax)).body.lines)


def told(order: Order, *, tax: str = "book") -> list[tuple[str, str, int, str]]:
    return [
        (line.kind, line.sku, line.quantity, str(line.amount.amount))
        for line in lines(order, tax=tax)
    ]


class TestLines:
    def test_hold_every_charge(self) -> None:
        assert told(an_order(items=(TWO_MUGS,))) == [
            ("item", "SKU-0001", 2, "80.00"),
            ("shipping", "AMZ Shipping", 1, "4.99"),
            ("gift_wrap", "AMZ Gift Wrap", 1, "3.00"),
            ("discount", "AMZ Discount", 1, "-6.00"),
            ("tax", "AMZ Tax", 1, "6.40"),
        ]

    def test_name_the_line_of_the_order_and_where_the_goods_leave_from(self) -> None:
        product, *rest = lines(an_order(items=(TWO_MUGS,)))

        assert (product.location_id, product.description) == ("1", "Stoneware Mug")
        assert {line.location_id for line in rest} == {None}
        assert {line.order_item_id for line in (product, *rest)} == {"11498765431234"}

    def test_are_the_same_however_amazon_lists_the_charges(self) -> None:
        shuffled = list(CHARGES)
        random.Random(1).shuffle(shuffled)
        order = an_order(items=(an_order_item(quantity_ordered=2, charges=tuple(shuffled)),))

        assert lines(order) == lines(an_order(items=(TWO_MUGS,)))

    def test_leave_out_a_line_that_was_cancelled(self) -> None:
        gone = an_order_item(item_id="2", quantity_ordered=0, charges=(a_charge("0.00"),))

        assert [line.order_item_id for line in lines(an_order(items=(an_order_item(), gone)))] == [
            "11498765431234"
        ]

    def test_keep_what_is_given_away(self) -> None:
        gift = an_order_item(charges=(a_charge("0.00"),))

        assert told(an_order(items=(gift,))) == [("item", "SKU-0001", 1, "0.00")]

    def test_leave_out_charges_of_nothing(self) -> None:
        item = an_order_item(
            charges=(a_charge("40.00"), a_charge("0", type="SHIPPING"), a_charge("0", type="NEW"))
        )

        assert [kind for kind, *_ in told(an_order(items=(item,)))] == ["item"]


class TestTax:
    def test_is_booked_where_the_seller_owes_it(self) -> None:
        assert command(an_order(items=(TWO_MUGS,))).body.total == usd("88.39")

    def test_is_omitted_where_amazon_collects_it(self) -> None:
        order = an_order(items=(TWO_MUGS,), grand_total=usd("88.39"))

        body = command(order, mapping=a_mapping(tax="omit")).body

        assert body.total == usd("81.99")
        assert "tax" not in {line.kind for line in body.lines}

    def test_nets_to_zero_where_it_is_to_be_seen(self) -> None:
        order = an_order(items=(TWO_MUGS,), grand_total=usd("88.39"))

        assert told(order, tax="net_to_zero")[-2:] == [
            ("tax", "AMZ Tax", 1, "6.40"),
            ("tax", "AMZ Tax Withheld", 1, "-6.40"),
        ]

    def test_is_told_and_not_added_where_prices_hold_it(self) -> None:
        order = an_order(items=(TWO_MUGS,), grand_total=usd("81.99"))

        assert command(order, mapping=a_mapping(tax="included")).body.total == usd("81.99")


class TestRefusal:
    @pytest.mark.parametrize(
        ("tax", "grand_total", "words"),
        [
            ("book", "88.40", "come to 88.39 USD, Amazon's total to 88.40."),
            (
                "omit",
                "88.40",
                "come to 81.99 USD, Amazon's total, less 6.40 of tax that Amazon keeps, to 82.00.",
            ),
            ("included", "88.39", "come to 81.99 USD, Amazon's total to 88.39."),
            ("included", "88.3900", "come to 81.99 USD, Amazon's total to 88.39."),
        ],
    )
    def test_shows_both_sums_when_they_differ(self, tax: str, grand_total: str, words: str) -> None:
        order = an_order(items=(TWO_MUGS,), grand_total=usd(grand_total))

        refusal = rejection(order, mapping=a_mapping(tax=tax))

        assert (refusal.reason_class, refusal.path) == ("total-mismatch", "grand_total")
        assert words in refusal.detail

    def test_is_given_when_a_cancelled_line_still_costs(self) -> None:
        gone = an_order_item(item_id="2", quantity_ordered=0, charges=(a_charge("9.00"),))

        refusal = rejection(an_order(items=(an_order_item(), gone), grand_total=usd("49.00")))

        assert refusal.reason_class == "total-mismatch"

    def test_is_given_when_everything_was_cancelled_and_still_costs(self) -> None:
        gone = an_order_item(quantity_ordered=0, charges=())

        refusal = rejection(an_order(items=(gone,), grand_total=usd("49.00")))

        assert refusal.reason_class == "total-mismatch"

    @pytest.mark.parametrize("grand_total", [None, usd("0.00")])
    def test_is_not_given_when_nothing_is_left(self, grand_total: Money | None) -> None:
        gone = an_order_item(quantity_ordered=0, charges=())

        assert mapped(an_order(items=(gone,), grand_total=grand_total)) == []

    @pytest.mark.parametrize(
        ("item", "reason_class", "path"),
        [
            (
                an_order_item(charges=(a_charge("40.00"), a_charge("2.00", type="COD_FEE"))),
                "unmapped-charge",
                "items[0].charges[1].type",
            ),
            (
                an_order_item(charges=(Charge(type="ITEM", amount=Money(Decimal(9), "CAD")),)),
                "wrong-currency",
                "items[0].charges[0].amount.currency",
            ),
            (
                an_order_item(charges=(a_charge("40.005"),)),
                "fractions-of-cents",
                "items[0].charges",
            ),
        ],
    )
    def test_names_reason_and_place(self, item: OrderItem, reason_class: str, path: str) -> None:
        refusal = rejection(an_order(items=(item,), grand_total=usd("1.00")))

        assert (refusal.reason_class, refusal.path) == (reason_class, path)

    def test_is_given_for_a_total_in_another_currency(self) -> None:
        refusal = rejection(an_order(grand_total=Money(Decimal(40), "CAD")))

        assert (refusal.reason_class, refusal.path) == ("wrong-currency", "grand_total.currency")

    def test_is_given_for_a_paid_order_without_a_total(self) -> None:
        assert rejection(an_order(grand_total=None)).reason_class == "no-total"

    def test_says_which_item_the_mapping_lacks(self) -> None:
        item = an_order_item(charges=(a_charge("40.00"), a_charge("2.00", type="GIFT_WRAP")))
        mapping = a_mapping(charge_items={"tax": {"id": "104", "name": "AMZ Tax"}})

        refusal = rejection(an_order(items=(item,)), mapping=mapping)

        assert refusal.reason_class == "unmapped-charge"
        assert "name one under charge_items.gift_wrap" in refusal.detail


AMOUNTS = st.decimals("-100", "1000", places=2)
TYPES = st.sampled_from(["ITEM", "SHIPPING", "GIFT_WRAP", "DISCOUNT", "TAX"])
ITEMS = st.builds(
    lambda quantity, charges: an_order_item(
        quantity_ordered=quantity,
        charges=tuple(Charge(type=kind, amount=Money(one, "USD")) for kind, one in charges),
    ),
    st.integers(0, 3),
    st.lists(st.tuples(TYPES, AMOUNTS), max_size=8),
)


POLICIES = st.sampled_from(TaxPolicy)
ORDERS = st.lists(ITEMS, min_size=1, max_size=5)


def worth(items: list[OrderItem], *, of: str | None = None) -> Decimal:
    """Add up the charges of what is sold; those of one type if one is named."""
    charges = [charge for item in items if item.quantity_ordered for charge in item.charges]
    return sum((c.amount.amount for c in charges if of in {None, c.type}), Decimal(0))


def paid_for(items: list[OrderItem], tax: TaxPolicy) -> Decimal:
    """Return the total that Amazon tells: prices hold the tax, or it is added."""
    return worth(items) - (worth(items, of="TAX") if tax is TaxPolicy.INCLUDED else 0)


class TestEveryOrder:
    @given(items=ORDERS, tax=POLICIES)
    def test_maps_with_no_cent_lost(self, items: list[OrderItem], tax: TaxPolicy) -> None:
        paid = paid_for(items, tax)
        order = an_order(items=tuple(items), grand_total=Money(paid, "USD"))

        outputs = mapped(order, mapping=a_mapping(tax=tax.value))

        kept = worth(items, of="TAX") if tax in {TaxPolicy.OMIT, TaxPolicy.NET_TO_ZERO} else 0
        assert bool(outputs) == any(item.quantity_ordered for item in items)
        for output in outputs:
            assert isinstance(output.value, OrderCommand)
            body = output.value.body
            assert sum(line.amount.amount for line in body.lines) == body.total.amount
            assert body.total.amount == paid - kept
            assert all(line.quantity > 0 for line in body.lines)

    @given(items=ORDERS, tax=POLICIES, error=st.integers(-500, 500).filter(bool))
    def test_is_refused_when_a_cent_is_missing(
        self, items: list[OrderItem], tax: TaxPolicy, error: int
    ) -> None:
        total = paid_for(items, tax) + Decimal(error) / 100
        order = an_order(items=tuple(items), grand_total=Money(total, "USD"))

        refusal = rejection(order, mapping=a_mapping(tax=tax.value))

        assert refusal.reason_class == "total-mismatch"

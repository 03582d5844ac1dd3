"""An order becomes the right record, with every cent on a line."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.core.errors import Rejected
from isthmus.core.money import Money
from isthmus.messages.amazon import FulfilledBy, Order, OrderStatus
from isthmus.messages.netsuite import CashSale, LineKind, SalesOrder
from isthmus.testing.builders import a_charge, an_order, an_order_item, usd
from isthmus_mapper.domain.mapping import TaxPolicy
from tests.unit.mapper.parts import a_mapping, an_item, command, mapped

AMAZON = FulfilledBy.AMAZON.value


def amounts(order: Order, **how: Any) -> list[tuple[str, str]]:
    lines = command(order, **how).body.lines
    return [(line.kind, str(line.amount.amount)) for line in lines]


class TestTarget:
    @pytest.mark.parametrize("status", ["UNSHIPPED", "PARTIALLY_SHIPPED", "SHIPPED"])
    def test_of_a_paid_order_of_the_merchant_is_a_sales_order(self, status: str) -> None:
        body = command(an_order(status=status)).body

        assert isinstance(body, SalesOrder)
        assert not body.completed
        assert body.external_id == "AMZ-SO-111-1234567-1234567"
        assert body.location_id == "1"

    def test_of_seller_fulfilled_prime_is_a_completed_sales_order(self) -> None:
        body = command(an_order(programs=("PRIME",))).body

        assert isinstance(body, SalesOrder)
        assert body.completed

    def test_of_what_amazon_shipped_is_a_cash_sale_at_its_location(self) -> None:
        body = command(an_order(status="SHIPPED", fulfilled_by=AMAZON, programs=("PRIME",))).body

        assert isinstance(body, CashSale)
        assert body.external_id == "AMZ-CS-111-1234567-1234567"
        assert body.location_id == "2"

    @pytest.mark.parametrize("status", ["UNSHIPPED", "PARTIALLY_SHIPPED"])
    def test_of_what_amazon_has_not_shipped_wholly_is_nothing_yet(self, status: str) -> None:
        assert mapped(an_order(status=status, fulfilled_by=AMAZON)) == []

    @pytest.mark.parametrize("status", ["PENDING", "PENDING_AVAILABILITY", "CANCELLED", "NEW_ONE"])
    def test_of_what_is_not_paid_or_over_is_nothing(self, status: str) -> None:
        assert mapped(an_order(status=status)) == []

    def test_is_the_same_command_at_every_status_after_payment(self) -> None:
        unshipped = command(an_order(status=OrderStatus.UNSHIPPED.value))
        shipped = command(an_order(status=OrderStatus.SHIPPED.value))

        assert msgspec.structs.replace(shipped, lineage=unshipped.lineage) == unshipped


class TestLines:
    def test_hold_every_charge_and_add_up(self) -> None:
        item = an_order_item(
            quantity_ordered=2,
            charges=(
                a_charge("80.00"),
                a_charge("4.99", type="SHIPPING"),
                a_charge("-5.00", type="DISCOUNT", subtype="ITEM"),
                a_charge("6.40", type="TAX", subtype="ITEM"),
            ),
        )

        found = amounts(an_order(items=(item,)), mapping=a_mapping(tax=TaxPolicy.LINE))

        assert found == [
            ("item", "80.00"),
            ("shipping", "4.99"),
            ("discount", "-5.00"),
            ("tax", "6.40"),
        ]

    def test_leave_out_the_tax_that_amazon_collects(self) -> None:
        item = an_order_item(charges=(a_charge("40.00"), a_charge("3.20", type="TAX")))

        body = command(an_order(items=(item,), grand_total=usd("43.20"))).body

        assert body.total == usd("40.00")
        assert [line.kind for line in body.lines] == [LineKind.ITEM]

    def test_take_a_discount_away_however_it_is_written(self) -> None:
        item = an_order_item(charges=(a_charge("40.00"), a_charge("5.00", type="DISCOUNT")))

        body = command(an_order(items=(item,), grand_total=usd("35.00"))).body

        assert body.total == usd("35.00")

    def test_leave_out_a_line_that_was_cancelled(self) -> None:
        gone = an_order_item(
            item_id="2", quantity_fulfilled=0, quantity_unfulfilled=0, charges=(a_charge("0.00"),)
        )

        body = command(an_order(items=(an_order_item(), gone))).body

        assert len(body.lines) == 1

    def test_find_an_item_by_its_alias(self) -> None:
        item = an_order_item(sku="MUG-AMZ")

        body = command(
            an_order(items=(item,)), mapping=a_mapping(aliases={"MUG-AMZ": "SKU-0001"})
        ).body

        assert body.lines[0].item_id == "328"

    def test_prefer_the_active_one_of_two_items(self) -> None:
        items = (an_item(internal_id="1", is_inactive=True), an_item(internal_id="2"))

        assert command(an_order(), items=items).body.lines[0].item_id == "2"


class TestRejected:
    def reject(self, order: Order, **how: Any) -> Rejected:
        with pytest.raises(Rejected) as rejection:
            mapped(order, **how)
        return rejection.value

    def test_for_an_unknown_sku_says_which_and_what_to_do(self) -> None:
        rejection = self.reject(an_order(items=(an_order_item(sku="NEW-1"),)))

        assert rejection.reason_class == "unknown-sku"
        assert rejection.path == "items[0].sku"
        assert "NEW-1 (Stoneware Mug)" in rejection.detail
        assert "create the item NEW-1, or add an alias" in rejection.detail

    def test_for_an_inactive_item(self) -> None:
        rejection = self.reject(an_order(), items=(an_item(is_inactive=True),))

        assert rejection.reason_class == "unknown-sku"
        assert "inactive" in rejection.detail

    def test_for_a_total_that_does_not_add_up_shows_both_sums(self) -> None:
        rejection = self.reject(an_order(grand_total=usd("41.00")))

        assert rejection.reason_class == "total-mismatch"
        assert "40.00" in rejection.detail
        assert "41.00" in rejection.detail

    def test_for_two_currencies(self) -> None:
        rejection = self.reject(an_order(grand_total=Money(Decimal(40), "CAD")))

        assert rejection.reason_class == "currency"

    def test_for_a_charge_that_has_no_item(self) -> None:
        item = an_order_item(charges=(a_charge("40.00"), a_charge("2.00", type="COD_FEE")))

        assert self.reject(an_order(items=(item,))).path == "items[0].charges[1]"

    def test_for_an_order_without_items(self) -> None:
        assert self.reject(an_order(items=())).reason_class == "no-lines"

    def test_for_a_line_without_a_price(self) -> None:
        item = an_order_item(charges=(a_charge("4.00", type="SHIPPING"),))

        assert self.reject(an_order(items=(item,))).reason_class == "no-price"

    def test_for_a_key_that_is_not_the_orders(self) -> None:
        assert self.reject(an_order(), key="acme-us/1").reason_class == "wrong-key"

    def test_for_a_marketplace_without_a_customer(self) -> None:
        rejection = self.reject(an_order(marketplace_id="A1F83G8C2ARO7P"))

        assert rejection.reason_class == "unknown-marketplace"

    def test_for_an_account_without_a_mapping(self) -> None:
        assert self.reject(an_order(account="other")).reason_class == "unknown-account"


CENTS = st.integers(0, 10_000_00).map(lambda cents: Decimal(cents) / 100)
KINDS = st.sampled_from(["SHIPPING", "GIFT_WRAP", "DISCOUNT", "TAX"])


@given(
    st.lists(
        st.tuples(CENTS, st.lists(st.tuples(KINDS, CENTS), max_size=4)), min_size=1, max_size=5
    ),
    st.sampled_from(list(TaxPolicy)),
)
def test_no_cent_is_lost(
    parts: list[tuple[Decimal, list[tuple[str, Decimal]]]], tax: TaxPolicy
) -> None:
    items = tuple(
        an_order_item(
            item_id=str(number),
            charges=(
                a_charge(str(price)),
                *(
                    a_charge(str(-one if kind == "DISCOUNT" else one), type=kind)
                    for kind, one in rest
                ),
            ),
        )
        for number, (price, rest) in enumerate(parts)
    )
    order = an_order(items=items)
    taxes = sum((one for _, rest in parts for kind, one in rest if kind == "TAX"), Decimal(0))

    body = command(order, mapping=a_mapping(tax=tax)).body

    assert sum(line.amount.amount for line in body.lines) == body.total.amount
    assert order.grand_total is not None
    kept = Decimal(0) if tax is TaxPolicy.LINE else taxes
    assert body.total.amount == order.grand_total.amount - kept

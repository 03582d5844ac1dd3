from __future__ import annotations

import pytest

from isthmus.cli.demo.expected import due, order_id_of
from tests.unit.common.cli.demo.runs import an_order


class TestDue:
    @pytest.mark.parametrize("status", ["UNSHIPPED", "PARTIALLY_SHIPPED", "SHIPPED"])
    def test_asks_for_a_sales_order_once_a_sellers_order_is_paid(self, status: str) -> None:
        assert due(an_order("1-2-3", status=status)) == ("salesOrder", "AMZ-SO-1-2-3")

    def test_asks_for_a_cash_sale_once_amazon_has_shipped(self) -> None:
        order = an_order("1-2-3", by="AMAZON", status="SHIPPED")

        assert due(order) == ("cashSale", "AMZ-CS-1-2-3")

    @pytest.mark.parametrize("status", ["PENDING", "PENDING_AVAILABILITY", "UNSHIPPED"])
    def test_asks_for_nothing_before_amazon_has_shipped(self, status: str) -> None:
        assert due(an_order(by="AMAZON", status=status)) is None

    @pytest.mark.parametrize("status", ["PENDING", "CANCELLED", "UNFULFILLABLE"])
    def test_asks_for_nothing_that_nobody_pays(self, status: str) -> None:
        assert due(an_order(status=status)) is None


class TestOrderIdOf:
    def test_takes_the_type_off(self) -> None:
        assert order_id_of("AMZ-CS-111-1-1") == "111-1-1"

    def test_leaves_what_it_does_not_know(self) -> None:
        assert order_id_of("WEB-7") == "WEB-7"

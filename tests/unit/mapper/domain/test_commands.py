"""From an order to the command that books it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest

from isthmus.messages.amazon import OrderStatus
from isthmus.messages.netsuite import CashSale, Customer, Lineage, SalesOrder
from isthmus.testing.builders import UPDATED, an_order
from tests.unit.mapper.parts import a_mapping, command, rejection


class TestSalesOrder:
    def test_says_what_the_books_need(self) -> None:
        body = command(an_order(recipient=b"sealed")).body

        assert isinstance(body, SalesOrder)
        assert body.external_id == "AMZ-SO-111-1234567-1234567"
        assert body.customer == Customer(external_id="AMZ-CUST-US", name="Amazon.com")
        assert (body.other_reference, body.memo) == (
            "111-1234567-1234567",
            "Amazon.com order 111-1234567-1234567",
        )
        assert (body.currency, body.subsidiary_id, body.location_id) == ("USD", "5", "1")
        assert body.ship_to == b"sealed"
        assert body.custom_fields == {"custbody_channel": "amazon"}
        assert not body.completed

    def test_is_completed_for_seller_fulfilled_prime(self) -> None:
        body = command(an_order(programs=("PRIME",))).body

        assert isinstance(body, SalesOrder)
        assert body.completed

    @pytest.mark.parametrize(
        ("service_level", "method"), [("EXPEDITED", "92"), ("STANDARD", "91"), (None, "91")]
    )
    def test_is_shipped_by_the_method_of_its_service_level(
        self, service_level: str | None, method: str
    ) -> None:
        assert command(an_order(service_level=service_level)).body.ship_method_id == method

    def test_needs_no_ship_method(self) -> None:
        mapping = a_mapping(ship_method=None, ship_methods={})

        assert command(an_order(), mapping=mapping).body.ship_method_id is None

    @pytest.mark.parametrize(("hour", "day"), [(7, date(2026, 11, 26)), (8, date(2026, 11, 27))])
    def test_is_dated_by_the_calendar_of_the_account(self, hour: int, day: date) -> None:
        purchased = datetime(2026, 11, 27, hour, 30, tzinfo=UTC)

        assert command(an_order(purchased_at=purchased)).body.date == day


class TestCashSale:
    def test_leaves_from_the_location_of_amazon(self) -> None:
        body = command(an_order(status="SHIPPED", fulfilled_by="AMAZON")).body

        assert isinstance(body, CashSale)
        assert body.external_id == "AMZ-CS-111-1234567-1234567"
        assert {body.location_id, body.lines[0].location_id} == {"2"}


class TestCommand:
    def test_names_the_fact_and_the_mapping_it_comes_from(self) -> None:
        assert command(an_order()).lineage == Lineage(
            mapping_version="0123456789ab",
            fact="amazon.orders/3/17",
            fact_updated_at=UPDATED,
        )

    def test_runs_against_the_clock_of_the_order(self) -> None:
        ship_by = UPDATED + timedelta(days=2)

        assert command(an_order(ship_by=ship_by)).ship_by == ship_by

    @pytest.mark.parametrize("fields", [{}, {"programs": ("PRIME",)}])
    def test_is_the_same_in_every_state_after_payment(self, fields: dict[str, Any]) -> None:
        bodies = [
            msgspec.json.encode(
                command(
                    an_order(
                        status=status.value, updated_at=UPDATED + timedelta(days=day), **fields
                    )
                ).body
            )
            for day, status in enumerate(
                [OrderStatus.UNSHIPPED, OrderStatus.PARTIALLY_SHIPPED, OrderStatus.SHIPPED]
            )
        ]

        assert len(set(bodies)) == 1

    def test_is_refused_for_a_marketplace_that_the_mapping_lacks(self) -> None:
        refusal = rejection(an_order(marketplace_id="A2EUQ1WTGCTBG2"))

        assert (refusal.reason_class, refusal.path) == ("unknown-marketplace", "marketplace_id")
        assert "A2EUQ1WTGCTBG2 is not in the mapping of acme-us" in refusal.detail

"""What is booked for an order in its state."""

from __future__ import annotations

from itertools import product

import pytest

from isthmus.core.errors import Rejected
from isthmus.messages.amazon import OrderStatus
from isthmus.testing.builders import an_order
from isthmus_mapper.domain.booking import GIVEN_UP, PAID, UNPAID, Booking, booking_of


class TestBooking:
    @pytest.mark.parametrize("status", sorted(PAID))
    @pytest.mark.parametrize("programs", [(), ("AMAZON_BUSINESS", "FBM_SHIP_PLUS")])
    def test_of_what_the_merchant_ships_is_a_sales_order(
        self, status: str, programs: tuple[str, ...]
    ) -> None:
        assert booking_of(an_order(status=status, programs=programs)) is Booking.SALES_ORDER

    @pytest.mark.parametrize("status", sorted(PAID))
    def test_of_seller_fulfilled_prime_is_a_completed_one(self, status: str) -> None:
        order = an_order(status=status, programs=("AMAZON_BUSINESS", "PRIME"))

        assert booking_of(order) is Booking.COMPLETED_SALES_ORDER

    @pytest.mark.parametrize("programs", [(), ("PRIME",)])
    def test_of_what_amazon_shipped_is_a_cash_sale(self, programs: tuple[str, ...]) -> None:
        order = an_order(status="SHIPPED", fulfilled_by="AMAZON", programs=programs)

        assert booking_of(order) is Booking.CASH_SALE

    @pytest.mark.parametrize("status", ["UNSHIPPED", "PARTIALLY_SHIPPED"])
    def test_of_what_amazon_has_not_shipped_whole_is_nothing_yet(self, status: str) -> None:
        order = an_order(status=status, fulfilled_by="AMAZON")

        assert booking_of(order) is Booking.NOTHING

    @pytest.mark.parametrize(
        ("status", "fulfilled_by"),
        list(product(sorted(UNPAID | GIVEN_UP), ["MERCHANT", "AMAZON", None])),
    )
    def test_of_what_is_not_paid_or_given_up_is_nothing(
        self, status: str, fulfilled_by: str | None
    ) -> None:
        order = an_order(status=status, fulfilled_by=fulfilled_by)

        assert booking_of(order) is Booking.NOTHING

    def test_knows_every_status_that_amazon_documents(self) -> None:
        assert set(OrderStatus) == UNPAID | GIVEN_UP | PAID

    @pytest.mark.parametrize(
        ("fields", "reason_class", "path"),
        [
            ({"status": "ON_THE_MOON"}, "unknown-status", "status"),
            ({"fulfilled_by": "NEIGHBOR"}, "unknown-fulfiller", "fulfilled_by"),
            ({"fulfilled_by": None}, "unknown-fulfiller", "fulfilled_by"),
        ],
    )
    def test_is_not_guessed(
        self, fields: dict[str, str | None], reason_class: str, path: str
    ) -> None:
        with pytest.raises(Rejected) as refusal:
            booking_of(an_order(**fields))

        assert (refusal.value.reason_class, refusal.value.path) == (reason_class, path)

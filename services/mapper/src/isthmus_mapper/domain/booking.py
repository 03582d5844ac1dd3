"""What is booked for an order in its state: the one table of rules."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from isthmus.core.errors import Rejected
from isthmus.messages.amazon import FulfilledBy, Order, OrderStatus, Program


class Booking(StrEnum):
    """What an order becomes in NetSuite."""

    NOTHING = "nothing"
    SALES_ORDER = "sales order"
    """Pending fulfillment: NetSuite's warehouse ships it."""
    COMPLETED_SALES_ORDER = "completed sales order"
    """Closed at once: shipped by the merchant under Prime, outside of NetSuite."""
    CASH_SALE = "cash sale"
    """Amazon shipped it and has the money."""


UNPAID: Final = frozenset({OrderStatus.PENDING, OrderStatus.PENDING_AVAILABILITY})
GIVEN_UP: Final = frozenset({OrderStatus.CANCELLED, OrderStatus.UNFULFILLABLE})
PAID: Final = frozenset({OrderStatus.UNSHIPPED, OrderStatus.PARTIALLY_SHIPPED, OrderStatus.SHIPPED})


def booking_of(order: Order) -> Booking:
    """Decide. What was booked once is decided the same way in every later state.

    :raises Rejected: for a status or a fulfiller that no rule knows.
    """
    if order.status in UNPAID | GIVEN_UP:
        return Booking.NOTHING
    if order.status not in PAID:
        raise Rejected(
            f"no rule knows the status {order.status[:40]!r} of order {order.order_id}. Remedy: a"
            " new version of the mapper",
            reason_class="unknown-status",
            path="status",
        )
    match order.fulfilled_by:
        case FulfilledBy.AMAZON:
            is_shipped = order.status == OrderStatus.SHIPPED
            return Booking.CASH_SALE if is_shipped else Booking.NOTHING
        case FulfilledBy.MERCHANT:
            is_prime = Program.PRIME in order.programs
            return Booking.COMPLETED_SALES_ORDER if is_prime else Booking.SALES_ORDER
        case _:
            raise Rejected(
                f"order {order.order_id} does not say whether the merchant or Amazon ships it",
                reason_class="unknown-fulfiller",
                path="fulfilled_by",
            )

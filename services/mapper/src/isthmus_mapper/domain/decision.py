"""Whether an order is booked now, and as what."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from isthmus.messages.amazon import FulfilledBy, Order, OrderStatus, Program


class Target(StrEnum):
    """What becomes of an order."""

    NOTHING_YET = "nothing-yet"  # a later fact will decide
    NOTHING = "nothing"  # it was cancelled
    SALES_ORDER = "sales-order"  # the merchant ships it
    COMPLETED_SALES_ORDER = (
        "completed-sales-order"  # shipped outside of NetSuite: seller-fulfilled Prime
    )
    CASH_SALE = "cash-sale"  # Amazon has shipped it


PAID: Final = frozenset({OrderStatus.UNSHIPPED, OrderStatus.PARTIALLY_SHIPPED, OrderStatus.SHIPPED})
OVER: Final = frozenset({OrderStatus.CANCELLED, OrderStatus.UNFULFILLABLE})


def target_of(order: Order) -> Target:
    """Decide from status, channel and programs.

    The same order must give the same target at every status after its payment, so that what is
    told again is recognized.
    """
    if order.status in OVER:
        return Target.NOTHING
    if order.status not in PAID:
        return Target.NOTHING_YET
    if order.fulfilled_by == FulfilledBy.AMAZON:
        # Amazon ships in parts; the sale is booked once, when all of it is shipped.
        return Target.CASH_SALE if order.status == OrderStatus.SHIPPED else Target.NOTHING_YET
    if Program.PRIME in order.programs:
        return Target.COMPLETED_SALES_ORDER
    return Target.SALES_ORDER

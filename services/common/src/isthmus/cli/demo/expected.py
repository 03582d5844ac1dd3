"""What must be in NetSuite for each order: worked out from Amazon's truth alone."""

from __future__ import annotations

from typing import Final

from isthmus.cli.demo.evidence import Order

SALES_ORDER: Final = "salesOrder"
CASH_SALE: Final = "cashSale"
PREFIXES: Final = {SALES_ORDER: "AMZ-SO-", CASH_SALE: "AMZ-CS-"}

PAID: Final = frozenset({"UNSHIPPED", "PARTIALLY_SHIPPED", "SHIPPED"})


def due(order: Order) -> tuple[str, str] | None:
    """Return record type and external id of what must be booked, or none if nothing must be.

    What the seller ships is booked as soon as it is paid, what Amazon ships once it is shipped.
    """
    by_amazon = order.fulfilled_by == "AMAZON"
    if order.status not in PAID or (by_amazon and order.status != "SHIPPED"):
        return None
    record_type = CASH_SALE if by_amazon else SALES_ORDER
    return record_type, PREFIXES[record_type] + order.order_id


def order_id_of(external_id: str) -> str:
    """Return the order that a transaction's external id names; the id itself if it names none."""
    for prefix in PREFIXES.values():
        if external_id.startswith(prefix):
            return external_id.removeprefix(prefix)
    return external_id

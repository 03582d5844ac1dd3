"""From an order to the command that books it."""

from __future__ import annotations

from typing import Any

from isthmus.core.errors import Rejected
from isthmus.core.identifiers import external_id
from isthmus.messages.amazon import Order
from isthmus.messages.netsuite import CashSale, Customer, Lineage, OrderCommand, SalesOrder
from isthmus_mapper.domain.decision import Target, target_of
from isthmus_mapper.domain.lines import Booking, FindItem, lines_of
from isthmus_mapper.domain.mapping import AccountMapping


def command_of(
    order: Order, *, fact: str, mapping: AccountMapping, find_item: FindItem
) -> OrderCommand | None:
    """Return what is to be booked now, or nothing.

    All of the command but its lineage follows from what does not change after payment.

    :param fact: effect id of the fact.
    :raises Rejected: the order cannot be booked as the mapping stands.
    """
    target = target_of(order)
    if target in (Target.NOTHING, Target.NOTHING_YET):
        return None
    return OrderCommand(
        account=order.account,
        order_id=order.order_id,
        ship_by=order.ship_by,
        lineage=Lineage(
            mapping_version=mapping.version, fact=fact, fact_updated_at=order.updated_at
        ),
        body=_body(order, target, mapping, find_item),
    )


def _body(
    order: Order, target: Target, mapping: AccountMapping, find_item: FindItem
) -> SalesOrder | CashSale:
    is_cash_sale = target is Target.CASH_SALE
    location_id = mapping.fba_location_id if is_cash_sale else mapping.merchant_location_id
    booked = lines_of(Booking(order, mapping, location_id, find_item))
    common: dict[str, Any] = {
        "external_id": external_id("AMZ-CS" if is_cash_sale else "AMZ-SO", order.order_id),
        "customer": _customer(order, mapping),
        "date": order.purchased_at.date(),
        "other_reference": order.order_id,
        "memo": f"Amazon order {order.order_id}",
        "currency": booked.total.currency,
        "subsidiary_id": mapping.subsidiary_id,
        "location_id": location_id,
        "lines": booked.lines,
        "total": booked.total,
        "ship_method_id": mapping.ship_method_ids.get(order.service_level or ""),
        "ship_to": order.recipient,
    }
    if is_cash_sale:
        return CashSale(**common)
    return SalesOrder(**common, completed=target is Target.COMPLETED_SALES_ORDER)


def _customer(order: Order, mapping: AccountMapping) -> Customer:
    customer = mapping.customers.get(order.marketplace_id)
    if customer is None:
        raise Rejected(
            f"the mapping file has no customer for marketplace {order.marketplace_id}: add one"
            " under customers",
            reason_class="unknown-marketplace",
            path="marketplace_id",
        )
    return customer

"""From an order to the command that books it."""

from __future__ import annotations

from typing import Any

from isthmus.core.errors import Rejected
from isthmus.core.identifiers import external_id
from isthmus.messages.amazon import Order
from isthmus.messages.netsuite import CashSale, Customer, Lineage, OrderCommand, SalesOrder
from isthmus_mapper.domain.booking import Booking
from isthmus_mapper.domain.items import ItemsNamed, items_of
from isthmus_mapper.domain.lines import Pricing, lines_of, total_of
from isthmus_mapper.domain.mapping import AccountMapping, MarketplacePart


def command_of(
    order: Order,
    booking: Booking,
    *,
    fact: str,
    mapping: AccountMapping,
    items_named: ItemsNamed,
) -> OrderCommand | None:
    """Return the command; none when there is nothing to book.

    :param fact: names the fact.
    :raises Rejected: the order cannot be booked; says what to do.
    """
    if booking is Booking.NOTHING:
        return None
    marketplace = _marketplace_of(order, mapping)
    body = _body_of(order, booking, marketplace, mapping, items_named)
    if not body.lines:
        return None
    return OrderCommand(
        account=order.account,
        order_id=order.order_id,
        ship_by=order.ship_by,
        lineage=Lineage(
            mapping_version=mapping.version, fact=fact, fact_updated_at=order.updated_at
        ),
        body=body,
    )


def _marketplace_of(order: Order, mapping: AccountMapping) -> MarketplacePart:
    if order.marketplace_id not in mapping.file.marketplaces:
        raise Rejected(
            f"marketplace {order.marketplace_id} is not in the mapping of {order.account}. Remedy:"
            " add it under marketplaces",
            reason_class="unknown-marketplace",
            path="marketplace_id",
        )
    return mapping.file.marketplaces[order.marketplace_id]


def _body_of(
    order: Order,
    booking: Booking,
    marketplace: MarketplacePart,
    mapping: AccountMapping,
    items_named: ItemsNamed,
) -> SalesOrder | CashSale:
    file = mapping.file
    is_cash_sale = booking is Booking.CASH_SALE
    locations = marketplace.locations
    location_id = locations.amazon if is_cash_sale else locations.merchant
    pricing = Pricing(
        items=items_of(order, items_named=items_named, aliases=file.aliases),
        charge_items=file.charge_items,
        tax=marketplace.tax,
        currency=marketplace.currency,
        location_id=location_id,
    )
    lines = lines_of(order, pricing)
    customer = marketplace.customer
    header: dict[str, Any] = {
        "external_id": external_id("AMZ-CS" if is_cash_sale else "AMZ-SO", order.order_id),
        "customer": Customer(external_id=customer.external_id, name=customer.name),
        # The day of the purchase: it stays, whatever else becomes of the order.
        "date": order.purchased_at.astimezone(mapping.time_zone).date(),
        "other_reference": order.order_id,
        "memo": f"{marketplace.name} order {order.order_id}",
        "currency": marketplace.currency,
        "subsidiary_id": marketplace.subsidiary,
        "location_id": location_id,
        "lines": lines,
        "total": total_of(lines, marketplace.currency),
        "ship_method_id": file.ship_methods.get(order.service_level or "", file.ship_method),
        "ship_to": order.recipient,
        "custom_fields": dict(file.custom_fields),
    }
    if is_cash_sale:
        return CashSale(**header)
    return SalesOrder(**header, completed=booking is Booking.COMPLETED_SALES_ORDER)

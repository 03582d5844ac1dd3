"""From what a buyer pays to the lines of a transaction; no cent is lost or invented."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from isthmus.core.errors import Rejected
from isthmus.core.money import Money
from isthmus.messages.amazon import ChargeType, Order, OrderItem
from isthmus.messages.netsuite import Item, Line, LineKind
from isthmus_mapper.domain.items import sold
from isthmus_mapper.domain.mapping import ChargeItem, ChargeItems, TaxPolicy

CENT: Final = Decimal("0.01")
NOTHING: Final = Decimal(0)
REMITTED: Final = frozenset({TaxPolicy.OMIT, TaxPolicy.NET_TO_ZERO})

# In the order of the lines: the same charges make the same lines, however Amazon lists them.
KINDS: Final[Mapping[str, LineKind]] = {
    ChargeType.ITEM: LineKind.ITEM,
    ChargeType.SHIPPING: LineKind.SHIPPING,
    ChargeType.GIFT_WRAP: LineKind.GIFT_WRAP,
    ChargeType.DISCOUNT: LineKind.DISCOUNT,
    ChargeType.TAX: LineKind.TAX,
}


@dataclass(frozen=True, slots=True)
class Pricing:
    """By what rules an order is priced.

    :param items: those of NetSuite, by SKU.
    :param location_id: where the goods leave from.
    """

    items: Mapping[str, Item]
    charge_items: ChargeItems
    tax: TaxPolicy
    currency: str
    location_id: str


def lines_of(order: Order, pricing: Pricing) -> tuple[Line, ...]:
    """Return the lines of what is sold; none when all of it was cancelled.

    :raises Rejected: a charge has no item or another currency, or the lines do not come to the
        order's total.
    """
    if not sold(order) and order.grand_total is None:
        return ()
    lines: list[Line] = []
    tax = NOTHING
    for index, item in sold(order):
        amounts = _amounts(item, f"items[{index}]", pricing)
        tax += amounts[ChargeType.TAX]
        lines += _lines(item, f"items[{index}]", amounts, pricing)
    _refuse_difference(order, total_of(lines, pricing.currency), tax, pricing)
    return tuple(lines)


def total_of(lines: Iterable[Line], currency: str) -> Money:
    """Return the sum."""
    return Money(sum((line.amount.amount for line in lines), start=NOTHING), currency)


def _amounts(item: OrderItem, path: str, pricing: Pricing) -> dict[str, Decimal]:
    """Add the charges up by their type.

    :raises Rejected: one has a type that no rule knows, or another currency.
    """
    amounts = dict.fromkeys(KINDS, NOTHING)
    for index, charge in enumerate(item.charges):
        place = f"{path}.charges[{index}]"
        _refuse_currency(charge.amount, f"{place}.amount", pricing)
        if charge.type in amounts:
            amounts[charge.type] += charge.amount.amount
        elif charge.amount.amount != NOTHING:
            raise Rejected(
                f"no rule knows the charge {charge.type[:40]!r}. Remedy: book this order by hand",
                reason_class="unmapped-charge",
                path=f"{place}.type",
            )
    return amounts


def _lines(
    item: OrderItem, path: str, amounts: Mapping[str, Decimal], pricing: Pricing
) -> Iterator[Line]:
    for charge_type, amount in amounts.items():
        if charge_type == ChargeType.ITEM:
            yield _product_line(item, _whole_cents(amount, path, pricing), pricing)
        elif amount != NOTHING:
            for sold_as, signed in _charged_as(charge_type, amount, path, pricing):
                yield Line(
                    item_id=sold_as.id,
                    sku=sold_as.name,
                    order_item_id=item.item_id,
                    quantity=1,
                    amount=_whole_cents(signed, path, pricing),
                    kind=KINDS[charge_type].value,
                )


def _product_line(item: OrderItem, amount: Money, pricing: Pricing) -> Line:
    product = pricing.items[item.sku or ""]
    return Line(
        item_id=product.internal_id,
        sku=product.sku,
        order_item_id=item.item_id,
        quantity=item.quantity_ordered,
        amount=amount,
        description=item.title,
        location_id=pricing.location_id,
        kind=LineKind.ITEM.value,
    )


def _charged_as(
    charge_type: str, amount: Decimal, path: str, pricing: Pricing
) -> Iterator[tuple[ChargeItem, Decimal]]:
    """Yield the items that a charge is booked on, with the amounts."""
    items = pricing.charge_items
    is_tax = charge_type == ChargeType.TAX
    if is_tax and pricing.tax not in {TaxPolicy.BOOK, TaxPolicy.NET_TO_ZERO}:
        return
    yield _named(items.of(charge_type), charge_type, path), amount
    if is_tax and pricing.tax is TaxPolicy.NET_TO_ZERO:
        yield _named(items.withheld_tax, "WITHHELD_TAX", path), -amount


def _named(item: ChargeItem | None, charge_type: str, path: str) -> ChargeItem:
    if item is None:
        raise Rejected(
            f"the charge {charge_type} has no item. Remedy: name one under"
            f" charge_items.{charge_type.lower()} in the mapping",
            reason_class="unmapped-charge",
            path=f"{path}.charges",
        )
    return item


def _whole_cents(amount: Decimal, path: str, pricing: Pricing) -> Money:
    if amount != amount.quantize(CENT):
        raise Rejected(
            f"a charge comes to {_shown(amount)} {pricing.currency}: NetSuite keeps no parts of a"
            " cent",
            reason_class="fractions-of-cents",
            path=f"{path}.charges",
        )
    return Money(amount, pricing.currency)


def _refuse_difference(order: Order, lines: Money, tax: Decimal, pricing: Pricing) -> None:
    """Compare with the order's total, less the tax that Amazon keeps by policy."""
    if order.grand_total is None:
        raise Rejected(
            f"order {order.order_id} is paid, but Amazon tells no total: nothing can be checked"
            " against it. Remedy: read the order again, or book it by hand",
            reason_class="no-total",
            path="grand_total",
        )
    _refuse_currency(order.grand_total, "grand_total", pricing)
    kept = tax if pricing.tax in REMITTED else NOTHING
    if lines.amount != order.grand_total.amount - kept:
        less = f", less {_shown(kept)} of tax that Amazon keeps," if kept else ""
        total = _shown(order.grand_total.amount - kept)
        raise Rejected(
            f"the lines of order {order.order_id} come to {_shown(lines.amount)}"
            f" {pricing.currency}, Amazon's total{less} to {total}. Remedy: check the tax policy"
            " of the marketplace in the mapping, or book it by hand",
            reason_class="total-mismatch",
            path="grand_total",
        )


def _shown(amount: Decimal) -> str:
    """Write an amount for people: 40.0000 is 40.00."""
    cents = amount.quantize(CENT)
    return str(cents if cents == amount else amount.normalize())


def _refuse_currency(amount: Money, path: str, pricing: Pricing) -> None:
    if amount.currency != pricing.currency:
        raise Rejected(
            f"an amount is in {amount.currency}, and the marketplace's currency is"
            f" {pricing.currency} in the mapping",
            reason_class="wrong-currency",
            path=f"{path}.currency",
        )

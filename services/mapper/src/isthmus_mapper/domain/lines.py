"""From what a buyer pays to the lines of a transaction; no cent is lost or invented."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
KINDS: Final[Mapping[str, LineKind]] = {
    ChargeType.SHIPPING: LineKind.SHIPPING,
    ChargeType.GIFT_WRAP: LineKind.GIFT_WRAP,
    ChargeType.DISCOUNT: LineKind.DISCOUNT,
    ChargeType.TAX: LineKind.TAX,
}
REMITTED: Final = frozenset({TaxPolicy.OMIT, TaxPolicy.NET_TO_ZERO})


class Pricing:
    """Turns the charges of one order into lines.

    :param items: of NetSuite, by SKU.
    :param location_id: where the goods leave from.
    """

    def __init__(
        self,
        *,
        order: Order,
        items: Mapping[str, Item],
        charge_items: ChargeItems,
        tax: TaxPolicy,
        currency: str,
        location_id: str,
    ) -> None:
        self._order = order
        self._items = items
        self._charge_items = charge_items
        self._tax = tax
        self._currency = currency
        self._location_id = location_id

    def lines(self) -> tuple[Line, ...]:
        """Return the lines.

        :raises Rejected: a charge has no item or another currency, or the lines do not come to
            the order's total.
        """
        lines = tuple(
            line for index, item in sold(self._order) for line in self._lines_of(index, item)
        )
        self._refuse_difference(lines)
        return lines

    def _lines_of(self, index: int, item: OrderItem) -> Iterator[Line]:
        amounts = self._amounts(index, item)
        product = self._items[item.sku or ""]
        yield self._line(
            item,
            ChargeItem(id=product.internal_id, name=product.sku),
            kind=LineKind.ITEM,
            amount=amounts.pop(ChargeType.ITEM, NOTHING),
        )
        for charge_type, amount in amounts.items():
            if charge_type == ChargeType.TAX:
                yield from self._tax_lines(item, amount)
            else:
                charge_item = self._charge_items.of(charge_type)
                assert charge_item is not None
                yield self._line(item, charge_item, kind=KINDS[charge_type], amount=amount)

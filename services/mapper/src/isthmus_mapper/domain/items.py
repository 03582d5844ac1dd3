"""From seller SKUs to the items of NetSuite."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from isthmus.core.errors import Rejected
from isthmus.messages.amazon import Order, OrderItem
from isthmus.messages.netsuite import Item

UNKNOWN_SKU: Final = "unknown-sku"
AMBIGUOUS_SKU: Final = "ambiguous-sku"

ItemsNamed = Callable[[str], Sequence[Item]]
"""Finds the items of the account that have this name."""


def items_of(
    order: Order, *, items_named: ItemsNamed, aliases: Mapping[str, str]
) -> Mapping[str, Item]:
    """Return the items of the order by SKU: by name first, then by alias.

    :raises Rejected: naming every SKU of the order that cannot be sold, and what to do.
    """
    found: dict[str, Item] = {}
    refusals: list[Rejected] = []
    for index, line in sold(order):
        try:
            item = _item_of(line, order, index, items_named=items_named, aliases=aliases)
            found[line.sku or ""] = item
        except Rejected as error:
            refusals.append(error)
    if refusals:
        raise Rejected(
            "; ".join(dict.fromkeys(refusal.detail for refusal in refusals)),
            reason_class=refusals[0].reason_class,
            path=refusals[0].path,
        )
    return found


def sold(order: Order) -> Sequence[tuple[int, OrderItem]]:
    """Return the lines that are sold, with their place; a line of no units was cancelled."""
    return [(index, line) for index, line in enumerate(order.items) if line.quantity_ordered > 0]


def _item_of(
    line: OrderItem,
    order: Order,
    index: int,
    *,
    items_named: ItemsNamed,
    aliases: Mapping[str, str],
) -> Item:
    path = f"items[{index}].sku"
    if not line.sku:
        raise _unknown(f"a line of order {order.order_id} has no SKU ({_title(line)})", path=path)
    names = [line.sku, *([aliases[line.sku]] if line.sku in aliases else [])]
    known = [item for name in names for item in items_named(name)]
    for name in names:
        active = [item for item in known if item.sku == name and not item.is_inactive]
        if len(active) > 1:
            ids = ", ".join(item.internal_id for item in active)
            raise Rejected(
                f"SKU {line.sku} names several items of NetSuite ({ids}). Remedy: rename all but"
                " one",
                reason_class=AMBIGUOUS_SKU,
                path=path,
            )
        if active:
            return active[0]
    raise _unknown(_advice(line, order, known), path=path)


def _advice(line: OrderItem, order: Order, inactive: Sequence[Item]) -> str:
    what = f"SKU {line.sku} ({_title(line)}) of order {order.order_id}"
    if inactive:
        ids = ", ".join(item.internal_id for item in inactive)
        return (
            f"{what} is an item of NetSuite that is inactive (internal id {ids}). Remedy: make it"
            f" active, and the order goes on by itself; or name another item under aliases in the"
            f" mapping of {order.account}"
        )
    return (
        f"{what} is no item of NetSuite. Remedy: create an item named {line.sku}, and the order"
        f" goes on by itself; or name its item under aliases in the mapping of {order.account}"
    )


def _unknown(detail: str, *, path: str) -> Rejected:
    return Rejected(detail, reason_class=UNKNOWN_SKU, path=path)


def _title(line: OrderItem) -> str:
    return (line.title or "without a title")[:80]

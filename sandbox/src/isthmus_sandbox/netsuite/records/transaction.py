"""What NetSuite adds to a sale: defaults, prices, totals, status; and what it demands of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from isthmus_sandbox.netsuite.problems import Problem, user_error
from isthmus_sandbox.netsuite.records.catalog import ENTITY, ITEM, RecordType
from isthmus_sandbox.netsuite.records.lines import priced_line
from isthmus_sandbox.netsuite.records.store import Record
from isthmus_sandbox.netsuite.records.validation import Body

_DEFAULT_CURRENCY = "1"


class Lookup(Protocol):
    """Finds the records a sale names."""

    def by_id(self, group: str, internal_id: int) -> Record | None:
        """Return the record of a group with this internal id."""


def completed_sale(
    body: Body, *, kind: RecordType, lookup: Lookup, today: date, closed_through: date | None
) -> Body:
    """Return the sale as it is saved.

    :raises Problem: when a mandatory field is missing or the posting period is closed.
    """
    entity = _entity(body, lookup)
    defaults = {k: v for k, v in _defaults(entity, today).items() if k in kind.fields}
    sale = defaults | {name: value for name, value in body.items() if value is not None}
    _refuse_foreign_subsidiary(sale, entity)
    _refuse_closed_period(sale, kind, closed_through)
    sale["item"] = {"items": _lines(sale, kind, lookup)}
    sale |= _totals(sale)
    sale["status"] = _status(sale, kind)
    return sale


def _entity(body: Body, lookup: Lookup) -> Record:
    named = body.get("entity")
    entity = None if named is None else lookup.by_id(ENTITY, int(named["id"]))
    if entity is None:
        raise user_error("Please enter value(s) for: Customer.", path="entity")
    return entity


def _defaults(entity: Record, today: date) -> Body:
    # Pending Approval is the account's default: a writer that forgets the status sees it.
    return {
        "tranDate": today.isoformat(),
        "currency": entity.body.get("currency") or {"id": _DEFAULT_CURRENCY},
        "subsidiary": entity.body["subsidiary"],
        "exchangeRate": Decimal(1),
        "orderStatus": {"id": "A"},
        "undepFunds": False,
        "source": {"id": "restWebServices", "refName": "REST Web Services"},
    }


def _refuse_foreign_subsidiary(sale: Body, entity: Record) -> None:
    sent = sale["subsidiary"]["id"]
    if sent != entity.body["subsidiary"]["id"]:
        text = f"Invalid Field Value {sent} for the following field: subsidiary"
        raise Problem.of(400, "INVALID_KEY_OR_REF", text, path="subsidiary")


def _refuse_closed_period(sale: Body, kind: RecordType, closed_through: date | None) -> None:
    """A sales order does not post, so no period is closed to it."""
    if not kind.posting or closed_through is None:
        return
    if date.fromisoformat(sale["tranDate"]) <= closed_through:
        text = "You cannot post a transaction into a closed period."
        raise Problem.of(400, "CLOSED_TRAN_PRD", text, path="tranDate")


def _lines(sale: Body, kind: RecordType, lookup: Lookup) -> list[Body]:
    lines = (sale.get("item") or {}).get("items") or []
    if not lines:
        text = "You must enter at least one line item for this transaction."
        raise user_error(text, path="item")
    return [_line(line, sale, kind, lookup, index) for index, line in enumerate(lines)]


def _line(line: Body, sale: Body, kind: RecordType, lookup: Lookup, index: int) -> Body:
    named = line.get("item")
    item = None if named is None else lookup.by_id(ITEM, int(named["id"]))
    if item is None:
        text = "Please enter value(s) for: Item."
        raise user_error(text, path=f"item.items[{index}].item")
    _refuse_stock_without_location(line, sale, kind, item, index)
    _refuse_bad_quantity(line, item, index)
    return priced_line(line, item=item.body, index=index)


def _refuse_stock_without_location(
    line: Body, sale: Body, kind: RecordType, item: Record, index: int
) -> None:
    """A cash sale takes stock from somewhere."""
    from_stock = item.type in {"inventoryItem", "assemblyItem", "kitItem"}
    located = line.get("location") or sale.get("location")
    if kind.posting and from_stock and not located:
        text = "Please enter value(s) for: Location."
        raise user_error(text, path=f"item.items[{index}].location")


def _refuse_bad_quantity(line: Body, item: Record, index: int) -> None:
    quantity = line.get("quantity")
    missing = quantity is None and item.type != "discountItem" and "amount" not in line
    if missing or (quantity is not None and quantity < 0):
        text = "Please enter value(s) for: Quantity."
        raise user_error(text, path=f"item.items[{index}].quantity")


def _totals(sale: Body) -> Body:
    subtotal = sum((Decimal(line["amount"]) for line in sale["item"]["items"]), Decimal(0))
    taxes = _taxes(sale)
    extra = sum(Decimal(sale.get(name) or 0) for name in ("shippingCost", "handlingCost"))
    return {"subtotal": subtotal, "taxTotal": taxes, "total": subtotal + taxes + extra}


def _taxes(sale: Body) -> Decimal:
    """Tax details count when they override; the account has no tax engine of its own."""
    details = (sale.get("taxDetails") or {}).get("items") or []
    if not sale.get("taxDetailsOverride"):
        return Decimal(0)
    return sum((Decimal(detail.get("taxAmount") or 0) for detail in details), Decimal(0))


def _status(sale: Mapping[str, Any], kind: RecordType) -> Body:
    """The letter is SuiteQL's; the record API shows the name in its place."""
    if kind.posting:
        return _named("B", "Not Deposited") if sale["undepFunds"] else _named("C", "Deposited")
    if all(line.get("isClosed") for line in sale["item"]["items"]):
        return _named("H", "Closed")
    if sale["orderStatus"]["id"] == "A":
        return _named("A", "Pending Approval")
    return _named("B", "Pending Fulfillment")


def _named(letter: str, name: str) -> Body:
    return {"id": letter, "refName": name}

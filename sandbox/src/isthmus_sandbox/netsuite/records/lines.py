"""Sublist lines: merged by key, appended without one, priced as NetSuite prices them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from isthmus_sandbox.netsuite.problems import user_error
from isthmus_sandbox.netsuite.records.validation import CENT, Body

CUSTOM_PRICE: Final = "-1"
BASE_PRICE: Final = "1"


def merged_lines(held: Sequence[Body], sent: Sequence[Body], *, replace: bool) -> list[Body]:
    """Return the lines after an update.

    A sent line whose key is held changes that line; every other sent line is added, so that
    the same lines sent again without keys are there twice. `replace` drops what was held.
    """
    lines = [] if replace else [dict(line) for line in held]
    by_key = {line["line"]: line for line in lines}
    following = max((line["line"] for line in held), default=0) + 1
    for line in sent:
        target = by_key.get(line.get("line"))
        if target is not None:
            _change(target, line)
        else:
            lines.append({**line, "line": following})
            following += 1
    return lines


def priced_line(line: Body, *, item: Mapping[str, Any], index: int) -> Body:
    """Return the line with rate and amount.

    Unless the price level is Custom (-1), the item's base price stands above what was sent.
    """
    base_price = item.get("basePrice")
    level = (line.get("price") or {}).get("id", BASE_PRICE)
    if level == CUSTOM_PRICE or base_price is None:
        return _as_sent(line, index=index)
    quantity = _quantity(line)
    return {
        **line,
        "price": {"id": level},
        "rate": base_price,
        "amount": _cents(base_price * quantity),
    }


def _change(held: Body, sent: Body) -> None:
    """A new quantity or rate alone moves the amount, a new amount alone moves the rate."""
    if "amount" not in sent and {"quantity", "rate"} & sent.keys():
        held.pop("amount", None)
    if "amount" in sent and "rate" not in sent:
        held.pop("rate", None)
    held.update(sent)


def _as_sent(line: Body, *, index: int) -> Body:
    rate, amount = line.get("rate"), line.get("amount")
    quantity = _quantity(line)
    if amount is None and rate is not None:
        amount = _cents(rate * quantity)
    if amount is None:
        text = "Please enter value(s) for: Amount."
        raise user_error(text, path=f"item.items[{index}].amount")
    if rate is None:
        rate = amount if quantity == 0 else amount / quantity
    return {**line, "price": {"id": CUSTOM_PRICE}, "rate": rate, "amount": amount}


def _quantity(line: Body) -> Decimal:
    """A discount line has no quantity: its rate is its amount."""
    quantity = line.get("quantity")
    return Decimal(1) if quantity is None else Decimal(quantity)


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)

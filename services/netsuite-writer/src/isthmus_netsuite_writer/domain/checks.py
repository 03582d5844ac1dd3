"""Refuses commands that must not reach the books, and names the place."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from isthmus.core.errors import Rejected
from isthmus.core.identifiers import EXTERNAL_ID_REFUSED, split_record_key
from isthmus.core.money import Money
from isthmus.messages.netsuite import Line, OrderCommand, Transaction

CENT: Final = Decimal("0.01")
CUSTOM_PREFIX: Final = "custbody"
HASH_FIELD: Final = "custbody_amz_payload_hash"


def refuse_wrong(command: OrderCommand, *, key: str) -> None:
    """Check what NetSuite would not notice, or would notice too late.

    :raises Rejected: says where in the command and what is wrong there.
    """
    for path, reason_class, detail in _faults(command, key=key):
        raise Rejected(detail, reason_class=reason_class, path=path)


def _faults(command: OrderCommand, *, key: str) -> Iterator[tuple[str, str, str]]:
    body = command.body
    if split_record_key(key) != (command.account, command.order_id):
        named = f"{command.account}/{command.order_id}"
        yield "key", "wrong-key", f"the key is {key[:80]!r}, the command is of {named[:80]!r}"
    yield from _identity("body.external_id", body.external_id)
    yield from _identity("body.customer.external_id", body.customer.external_id)
    if not body.lines:
        yield "body.lines", "no-items", "a transaction without lines books nothing"
    for index, line in enumerate(body.lines):
        yield from _line(f"body.lines[{index}]", line, currency=body.currency)
    yield from _total(body)
    yield from _custom_fields(body)


def _identity(path: str, text: str) -> Iterator[tuple[str, str, str]]:
    if not text or EXTERNAL_ID_REFUSED.search(text):
        yield path, "wrong-key", f"{text[:80]!r} cannot be an external id in NetSuite"


def _line(path: str, line: Line, *, currency: str) -> Iterator[tuple[str, str, str]]:
    if not line.item_id:
        yield f"{path}.item_id", "no-item", f"the line of {line.sku[:80]!r} names no item"
    if line.quantity < 0:
        yield f"{path}.quantity", "negative-quantity", f"{line.quantity} units cannot be sold"
    if line.quantity == 0:
        yield f"{path}.quantity", "no-quantity", "a line of no units books nothing"
    yield from _money(f"{path}.amount", line.amount, currency=currency)


def _money(path: str, money: Money, *, currency: str) -> Iterator[tuple[str, str, str]]:
    if money.currency != currency:
        detail = f"the amount is in {money.currency}, the transaction in {currency}"
        yield f"{path}.currency", "mixed-currencies", detail
    if money.amount != money.amount.quantize(CENT):
        detail = f"{money.amount} has parts of a cent, which NetSuite would round"
        yield f"{path}.amount", "fractions-of-cents", detail


def _total(body: Transaction) -> Iterator[tuple[str, str, str]]:
    yield from _money("body.total", body.total, currency=body.currency)
    lines = sum((line.amount.amount for line in body.lines), Decimal(0))
    if lines != body.total.amount:
        detail = f"the lines come to {lines}, the total says {body.total.amount}"
        yield "body.total", "total-differs", detail


def _custom_fields(body: Transaction) -> Iterator[tuple[str, str, str]]:
    for name in body.custom_fields:
        if not name.startswith(CUSTOM_PREFIX) or name == HASH_FIELD:
            detail = f"{name[:80]!r} is not a custom body field of the mapping's own"
            yield "body.custom_fields", "wrong-custom-field", detail

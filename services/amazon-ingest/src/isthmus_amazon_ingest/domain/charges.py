"""Money in Amazon's words: every amount with its currency, every breakdown with nothing lost."""

from __future__ import annotations

from collections.abc import Iterator

from isthmus.core.errors import Rejected
from isthmus.core.money import Money
from isthmus.messages.amazon import Charge, ChargeType
from isthmus_amazon_ingest.domain.wire import Amount, Breakdown, ItemProceeds


def money_of(wire: Amount | None, path: str) -> Money | None:
    """Translate an amount, if there is one.

    :raises Rejected: it has no currency, or is none.
    """
    if wire is None:
        return None
    if not wire.currency_code:
        raise Rejected(
            "an amount has no currency",
            reason_class="amount-without-currency",
            path=f"{path}.currencyCode",
        )
    if wire.amount is None:
        raise Rejected(
            "an amount is missing", reason_class="malformed-amount", path=f"{path}.amount"
        )
    try:
        return Money(wire.amount, wire.currency_code)
    except (ValueError, ArithmeticError):
        raise Rejected(
            "it is not an amount of money: at most 4 decimal places and 16 digits before them, and"
            " a currency of three capital letters",
            reason_class="malformed-amount",
            path=path,
        ) from None


def charges_of(proceeds: ItemProceeds | None, path: str) -> tuple[Charge, ...]:
    """Translate what an item brings in; the charges add up to what Amazon's breakdowns do.

    :raises Rejected: an amount in it is wrong.
    """
    breakdowns = (proceeds or ItemProceeds()).breakdowns
    return tuple(
        charge
        for index, breakdown in enumerate(breakdowns or ())
        for charge in _charges(breakdown, f"{path}.breakdowns[{index}]")
    )


def _charges(breakdown: Breakdown, path: str) -> Iterator[Charge]:
    subtotal = money_of(breakdown.subtotal, f"{path}.subtotal")
    if subtotal is None:
        raise Rejected(
            "a breakdown has no subtotal",
            reason_class="malformed-amount",
            path=f"{path}.subtotal",
        )
    # Whether Amazon writes what it takes off with a minus is not documented.
    is_turned = breakdown.type == ChargeType.DISCOUNT and subtotal.amount > 0
    for subtype, amount in _parts(breakdown, subtotal, path):
        yield Charge(type=breakdown.type, subtype=subtype, amount=-amount if is_turned else amount)


def _parts(
    breakdown: Breakdown, subtotal: Money, path: str
) -> tuple[tuple[str | None, Money], ...]:
    """Return the details when they are all of the subtotal, and else the subtotal alone."""
    details = []
    for index, detail in enumerate(breakdown.detailed_breakdowns or ()):
        amount = money_of(detail.value, f"{path}.detailedBreakdowns[{index}].value")
        if amount is not None:
            details.append((detail.subtype, amount))
    is_whole = {amount.currency for _, amount in details} == {subtotal.currency}
    if is_whole and sum(amount.amount for _, amount in details) == subtotal.amount:
        return tuple(details)
    return ((None, subtotal),)

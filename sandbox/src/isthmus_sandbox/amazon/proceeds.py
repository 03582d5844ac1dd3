"""What an order brings in, in Amazon's breakdowns: every total is the sum of its parts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from isthmus_sandbox.amazon.marketplaces import Marketplace
from isthmus_sandbox.amazon.orders import Document

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class LineAmounts:
    """The amounts of one order item; the discount is what the seller gives away, positive."""

    item: Decimal
    shipping: Decimal = NOTHING
    gift_wrap: Decimal = NOTHING
    item_discount: Decimal = NOTHING
    shipping_discount: Decimal = NOTHING


def item_proceeds(amounts: LineAmounts, marketplace: Marketplace) -> Document:
    """Return the `proceeds` of an order item, with the sales tax that Amazon adds, if it does."""
    discounts = {"ITEM": -amounts.item_discount, "SHIPPING": -amounts.shipping_discount}
    taxes = {
        "ITEM": _tax(amounts.item - amounts.item_discount, marketplace),
        "SHIPPING": _tax(amounts.shipping - amounts.shipping_discount, marketplace),
        "GIFT_WRAP": _tax(amounts.gift_wrap, marketplace),
    }
    plain = {"ITEM": amounts.item, "SHIPPING": amounts.shipping, "GIFT_WRAP": amounts.gift_wrap}
    breakdowns = [
        {"type": type_, "subtotal": money(amount, marketplace)}
        for type_, amount in plain.items()
        if amount or type_ == "ITEM"
    ]
    breakdowns += _detailed("TAX", taxes, marketplace)
    breakdowns += _detailed("DISCOUNT", discounts, marketplace)
    total = sum([*plain.values(), *taxes.values(), *discounts.values()], NOTHING)
    return {"proceedsTotal": money(total, marketplace), "breakdowns": breakdowns}


def order_proceeds(items: Iterable[Document]) -> Document:
    """Return the `proceeds` of an order: those of its items, added up by type."""
    subtotals: dict[str, Decimal] = {}
    currency = ""
    for proceeds in (item["proceeds"] for item in items):
        for breakdown in proceeds["breakdowns"]:
            amount = Decimal(breakdown["subtotal"]["amount"])
            subtotals[breakdown["type"]] = subtotals.get(breakdown["type"], NOTHING) + amount
            currency = breakdown["subtotal"]["currencyCode"]
    return {
        "grandTotal": _money(sum(subtotals.values(), NOTHING), currency),
        "breakdowns": [
            {"type": type_, "subtotal": _money(amount, currency)}
            for type_, amount in subtotals.items()
        ],
    }


def zeroed(proceeds: Document) -> Document:
    """Return the proceeds of an item that is not sold after all."""
    subtotal = proceeds["breakdowns"][0]["subtotal"]
    nothing = _money(Decimal(subtotal["amount"]) * 0, subtotal["currencyCode"])
    return {"proceedsTotal": nothing, "breakdowns": [{"type": "ITEM", "subtotal": nothing}]}


def money(amount: Decimal, marketplace: Marketplace) -> Document:
    """Return the amount as Amazon writes it, with the digits of the currency."""
    return _money(_rounded(amount, marketplace), marketplace.currency)


def _money(amount: Decimal, currency: str) -> Document:
    return {"amount": f"{amount:f}", "currencyCode": currency}


def _tax(taxed: Decimal, marketplace: Marketplace) -> Decimal:
    if marketplace.sales_tax is None:
        return NOTHING
    return _rounded(taxed * marketplace.sales_tax, marketplace)


def _rounded(amount: Decimal, marketplace: Marketplace) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-marketplace.exponent), ROUND_HALF_UP)


def _detailed(
    type_: str, by_subtype: dict[str, Decimal], marketplace: Marketplace
) -> list[Document]:
    parts = {subtype: amount for subtype, amount in by_subtype.items() if amount}
    if not parts:
        return []
    return [
        {
            "type": type_,
            "subtotal": money(sum(parts.values(), NOTHING), marketplace),
            "detailedBreakdowns": [
                {"subtype": subtype, "value": money(amount, marketplace)}
                for subtype, amount in parts.items()
            ],
        }
    ]

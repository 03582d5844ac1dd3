"""The marketplaces: Amazon's ids, and for those with invented orders what the invention needs."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final


@dataclass(frozen=True, slots=True)
class Marketplace:
    """A marketplace in which the generator places orders."""

    code: str
    marketplace_id: str
    name: str
    country: str
    currency: str
    exponent: int
    """Digits behind the point in this currency."""
    price_factor: Decimal
    """From the catalog's price in US dollars to a plausible price here."""
    sales_tax: Decimal | None
    """Rate that Amazon adds and collects; None where the price holds the tax (VAT)."""
    order_prefix: str


def _marketplace(
    code: str, marketplace_id: str, name: str, currency: str, *, prefix: str, **more: str
) -> Marketplace:
    return Marketplace(
        code=code,
        marketplace_id=marketplace_id,
        name=name,
        country=more.get("country", code),
        currency=currency,
        exponent=int(more.get("exponent", "2")),
        price_factor=Decimal(more.get("factor", "1")),
        sales_tax=Decimal(more["sales_tax"]) if "sales_tax" in more else None,
        order_prefix=prefix,
    )


MARKETPLACES: Final = (
    _marketplace("US", "ATVPDKIKX0DER", "Amazon.com", "USD", prefix="111", sales_tax="0.0825"),
    _marketplace("CA", "A2EUQ1WTGCTBG2", "Amazon.ca", "CAD", prefix="701", sales_tax="0.13"),
    _marketplace("MX", "A1AM78C64UM0Y8", "Amazon.com.mx", "MXN", prefix="702", factor="18"),
    _marketplace("UK", "A1F83G8C2ARO7P", "Amazon.co.uk", "GBP", prefix="202", country="GB"),
    _marketplace("DE", "A1PA6795UKMFR9", "Amazon.de", "EUR", prefix="302"),
    _marketplace(
        "JP", "A1VC38T7YXB528", "Amazon.co.jp", "JPY", prefix="249", exponent="0", factor="150"
    ),
)
BY_CODE: Final = {marketplace.code: marketplace for marketplace in MARKETPLACES}
BY_ID: Final = {marketplace.marketplace_id: marketplace for marketplace in MARKETPLACES}

KNOWN_IDS: Final = frozenset(BY_ID) | {
    "A13V1IB3VIYZZH",
    "A17E79C6D8DWNP",
    "A1805IZSGTT6HS",
    "A19VAU5U5O7RUS",
    "A1C3SOZRARQ6R3",
    "A1RKKUPIHCS9HS",
    "A21TJRUUN4KGV",
    "A28R8C7NBKEWEA",
    "A2NODRKZP88ZB9",
    "A2Q3Y263D00KWC",
    "A2VIGQ35RCS4UG",
    "A33AVAJ2PDY3EV",
    "A39IBJ37TRP1C6",
    "AE08WJ6YKNBMC",
    "AMEN7PMS3EDWL",
    "APJ6JRA9NG5V4",
    "ARBP9OOSHTCHU",
}
"""Every marketplace id that Amazon publishes; any other in a request is refused."""

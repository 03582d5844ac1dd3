"""What the invented sellers sell: everything about a product follows from its SKU."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from isthmus_sandbox.amazon.marketplaces import Marketplace

DEFAULT_SKUS: Final = tuple(f"SKU-{number:04}" for number in range(1, 41))
DEFAULT_UNKNOWN_SKUS: Final = tuple(f"UNKNOWN-{number:04}" for number in range(1, 4))
_THINGS: Final = ("Stoneware Mug", "LED Desk Lamp", "Wool Blanket", "Garden Hose 15 m", "Yoga Mat")
_FINISHES: Final = ("Charcoal", "Sea Green", "Weiß", "Crème", "藍色")


@dataclass(frozen=True, slots=True)
class Product:
    """A product with its price in US dollars."""

    sku: str
    asin: str
    title: str
    price_usd: Decimal

    def price_in(self, marketplace: Marketplace) -> Decimal:
        """Return the price of one unit in the currency of the marketplace."""
        price = self.price_usd * marketplace.price_factor
        return price.quantize(Decimal(1).scaleb(-marketplace.exponent), ROUND_HALF_UP)


def product(sku: str) -> Product:
    """Return the product that has this SKU."""
    digest = hashlib.sha256(sku.encode()).digest()
    number = int.from_bytes(digest[:4], "big")
    title = f"{_THINGS[number % len(_THINGS)]} | {_FINISHES[number // 7 % len(_FINISHES)]}"
    price_usd = Decimal(499 + number % 9500) / 100
    return Product(sku=sku, asin=f"B0{digest.hex()[:8].upper()}", title=title, price_usd=price_usd)

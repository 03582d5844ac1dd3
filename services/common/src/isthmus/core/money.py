"""An amount of money: a decimal and its currency, never a float."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Final

import msgspec

SCALE: Final = 4
PRECISION: Final = 20
QUANTUM: Final = Decimal(1).scaleb(-SCALE)
LIMIT: Final = Decimal(10) ** (PRECISION - SCALE)
CURRENCY: Final = re.compile(r"[A-Z]{3}")


@lru_cache(maxsize=1024)
def _is_currency(text: str) -> bool:
    return CURRENCY.fullmatch(text) is not None


class Money(msgspec.Struct, frozen=True, order=False):
    """A signed amount in one currency.

    :param amount: at most four places after the point and sixteen before it.
    :param currency: ISO 4217, three capital letters.
    :raises TypeError: for an amount that is not a ``Decimal``.
    :raises ValueError: for more places than the wire carries, or a malformed currency.
    """

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        """Refuse what could not be written and read back unchanged."""
        amount = self.amount
        if not isinstance(amount, Decimal):
            raise TypeError(f"an amount is a Decimal, not {type(amount).__name__}")
        if not amount.is_finite() or not -LIMIT < amount < LIMIT:
            raise ValueError(f"amount {amount} is out of range")
        if amount.quantize(QUANTUM) != amount:
            raise ValueError(f"amount {amount} has more than {SCALE} decimal places")
        if not _is_currency(self.currency):
            raise ValueError(f"currency {self.currency!r} is not three capital letters")

    def __add__(self, other: Money) -> Money:
        """Add an amount of the same currency.

        :raises ValueError: when the currencies differ.
        """
        return Money(self.amount + self._same(other).amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        """Subtract an amount of the same currency.

        :raises ValueError: when the currencies differ.
        """
        return Money(self.amount - self._same(other).amount, self.currency)

    def __neg__(self) -> Money:
        """Turn the sign."""
        return Money(-self.amount, self.currency)

    def __mul__(self, factor: int) -> Money:
        """Multiply by a count."""
        return Money(self.amount * factor, self.currency)

    def rounded(self, places: int = SCALE) -> Money:
        """Round half up, as an invoice does; the one place where money is rounded."""
        rounded = self.amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
        return msgspec.structs.replace(self, amount=rounded) if rounded != self.amount else self

    def _same(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise ValueError(f"{other.currency} cannot be added to {self.currency}")
        return other

"""Invents orders: the same seed, request and state of the store give the same orders."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from isthmus_sandbox.amazon.accounts import Account
from isthmus_sandbox.amazon.catalog import DEFAULT_SKUS, DEFAULT_UNKNOWN_SKUS
from isthmus_sandbox.amazon.evolution import Action, evolved
from isthmus_sandbox.amazon.marketplaces import BY_ID
from isthmus_sandbox.amazon.orders import Order, OrderKind
from isthmus_sandbox.amazon.placement import MIXED_LINES_MIN, Placement

COUNT_MAX: Final = 5000
DEFAULT_MIX: Final[Mapping[OrderKind, int]] = {
    OrderKind.MFN: 40,
    OrderKind.FBA: 32,
    OrderKind.SFP: 8,
    OrderKind.MIXED: 8,
    OrderKind.PENDING: 7,
    OrderKind.CANCELLED: 5,
}
_HISTORY: Final[Mapping[OrderKind, Sequence[Action]]] = {
    OrderKind.MFN: (),
    OrderKind.UNKNOWN_SKU: (),
    OrderKind.PENDING: (),
    OrderKind.FBA: (Action.SHIP,),
    OrderKind.SFP: (Action.SHIP,),
    OrderKind.MIXED: (Action.CANCEL_LINE, Action.SHIP_PARTLY),
    OrderKind.CANCELLED: (Action.CANCEL,),
}
"""What has happened to an order of the kind before it is first seen."""
_AMAZON_SHARE: Final = {OrderKind.FBA: 1.0, OrderKind.PENDING: 0.4, OrderKind.CANCELLED: 0.4}
"""How many of the kind Amazon fulfills; of the others, none."""

Sku = Annotated[str, Field(min_length=1, max_length=40)]


class GenerationSpec(BaseModel):
    """What the control API may ask for. Durations are scaled by the clock factor."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    count: int = Field(ge=1, le=COUNT_MAX)
    seed: int = 1
    account: str | None = Field(default=None, description="None: all accounts in turn.")
    mix: dict[OrderKind, Annotated[int, Field(ge=0)]] = dict(DEFAULT_MIX)
    skus: list[Sku] = Field(default=list(DEFAULT_SKUS), min_length=1)
    unknown_skus: list[Sku] = Field(default=list(DEFAULT_UNKNOWN_SKUS), min_length=1)
    age_s: float = Field(default=0, ge=0, description="How long ago the youngest was placed.")
    spread_s: float = Field(default=0, ge=0, description="How much older the oldest is.")

    @model_validator(mode="after")
    def _can_be_invented(self) -> Self:
        if OrderKind.EXAMPLE in self.mix:
            raise ValueError("Examples are Amazon's; they are not invented.")
        if not sum(self.mix.values()):
            raise ValueError("The mix has no kind with a weight above 0.")
        if self.mix.get(OrderKind.MIXED) and len(set(self.skus)) < MIXED_LINES_MIN:
            raise ValueError(f"Mixed orders need {MIXED_LINES_MIN} different SKUs or more.")
        return self


def generated(
    spec: GenerationSpec,
    *,
    accounts: Sequence[Account],
    first_serial: int,
    youngest: datetime,
    spread: timedelta,
) -> Iterator[Order]:
    """Yield the orders of the request, oldest first."""
    kinds = _apportioned(spec)
    for index, kind in enumerate(kinds):
        account = accounts[index % len(accounts)]
        chance = random.Random(f"{spec.seed}/{first_serial}/{index}")
        placement = Placement(
            chance=chance,
            kind=kind,
            is_amazon=chance.random() < _AMAZON_SHARE.get(kind, 0),
            marketplace=BY_ID[chance.choice(account.marketplace_ids)],
            serial=first_serial + index,
            placed=youngest - spread * (1 - (index + 1) / len(kinds)),
        )
        order = placement.order(
            account=account.name, skus=spec.skus, unknown_skus=spec.unknown_skus
        )
        for action in _HISTORY[kind]:
            order = evolved(order, action, now=order.created)
        yield order


def _apportioned(spec: GenerationSpec) -> list[OrderKind]:
    """Return one kind per order: as near to the mix as whole orders allow, shuffled."""
    total = sum(spec.mix.values())
    exact = {kind: Decimal(spec.count * weight) / total for kind, weight in spec.mix.items()}
    counts = {kind: int(share) for kind, share in exact.items()}
    short = spec.count - sum(counts.values())
    for kind in sorted(exact, key=lambda k: counts[k] - exact[k])[:short]:
        counts[kind] += 1
    kinds = [kind for kind, count in counts.items() for _ in range(count)]
    random.Random(spec.seed).shuffle(kinds)
    return kinds

"""Invented orders for the tests of this room."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from isthmus_sandbox.amazon.accounts import derived_account
from isthmus_sandbox.amazon.generator import GenerationSpec, generated
from isthmus_sandbox.amazon.orders import Order, OrderKind
from tests.unit.sandbox.stopped_clock import StoppedClock


def some_orders(
    mix: Mapping[OrderKind, int], *, seed: int = 1, first_serial: int = 1, **more: object
) -> list[Order]:
    """Return as many orders of each kind as the mix says."""
    spec = GenerationSpec.model_validate(
        {"count": sum(mix.values()), "mix": mix, "seed": seed, **more}
    )
    return list(
        generated(
            spec,
            accounts=[derived_account("acme", seed=1)],
            first_serial=first_serial,
            youngest=StoppedClock().now(),
            spread=timedelta(minutes=5),
        )
    )


def an_order(kind: OrderKind = OrderKind.MFN, *, seed: int = 1) -> Order:
    """Return one order of this kind."""
    return some_orders({kind: 1}, seed=seed)[0]

"""Builders of evidence: one run in which all went well, to be spoiled by the tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from isthmus.cli.demo.evidence import (
    Booked,
    Call,
    Command,
    Death,
    Evidence,
    Fact,
    Letter,
    Order,
    Outcome,
)

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    """Return so many seconds after noon."""
    return NOON + timedelta(seconds=seconds)


def an_order(
    order_id: str = "111-1-1",
    *,
    kind: str = "mfn",
    status: str = "UNSHIPPED",
    by: str = "MERCHANT",
    updated: float = 1,
) -> Order:
    return Order(
        account="acme-us",
        order_id=order_id,
        kind=kind,
        status=status,
        fulfilled_by=by,
        updated=at(updated),
    )


def a_fact(order: Order, *, updated: float = 1) -> Fact:
    return Fact(key=order.key, updated_at=at(updated))


def a_command(order: Order, *, offset: int = 0, of: float = 1) -> Command:
    return Command(key=order.key, place=f"netsuite.order-commands/0/{offset}", of=at(of))


def an_outcome(command: Command, *, written: float = 5) -> Outcome:
    return Outcome(key=command.key, command=command.place, written=at(written))


def a_letter(order: Order, *, reason: str = "unknown-sku", settled: bool = False) -> Letter:
    return Letter(
        key=order.key, place="amazon.orders.mapper.dlq/0/0", reason=reason, settled=settled
    )


def a_sales_order(order: Order, *, creations: int = 1) -> Booked:
    return Booked(type="salesOrder", external_id=f"AMZ-SO-{order.order_id}", creations=creations)


def a_cash_sale(order: Order) -> Booked:
    return Booked(type="cashSale", external_id=f"AMZ-CS-{order.order_id}", creations=1)


def a_post(
    order: Order,
    *,
    effect: str = "created",
    time: float = 4,
    fault: str | None = None,
    status: int = 204,
) -> Call:
    return Call(
        end="NetSuite",
        time=at(time),
        operation="salesOrder.create",
        key=f"AMZ-SO-{order.order_id}",
        status=status if effect == "created" else 400,
        effect=effect,
        fault=fault,
    )


def a_kill(*, time: float, worker: str = "netsuite-writer") -> Death:
    return Death(worker=worker, slot=0, at=at(time), exit_code=None)


def a_run(order: Order | None = None) -> Evidence:
    """Return a run of one order that is booked as it should be."""
    order = order or an_order()
    command = a_command(order)
    return Evidence(
        orders=[order],
        facts=[a_fact(order)],
        commands=[command],
        outcomes=[an_outcome(command)],
        letters=[],
        booked=[a_sales_order(order)],
        calls=[a_post(order)],
        deaths=[],
        unread=0,
    )


def without_booking(run: Evidence) -> Evidence:
    """Return the run as if its facts had led to nothing."""
    return replace(run, commands=[], outcomes=[], booked=[], calls=[])

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from isthmus_sandbox.amazon.evolution import (
    TRANSITIONS,
    Action,
    NotPossible,
    evolved,
    natural_action,
    possible_actions,
)
from isthmus_sandbox.amazon.orders import Order, OrderKind, Status
from tests.unit.sandbox.amazon.orders import an_order, some_orders
from tests.unit.sandbox.stopped_clock import StoppedClock

NOON = StoppedClock().now()


def after(order: Order, *actions: Action) -> Order:
    for action in actions:
        order = evolved(order, action, now=NOON)
    return order


def open_units(order: Order) -> int:
    return sum(i["fulfillment"]["quantityUnfulfilled"] for i in order.document["orderItems"])


class TestEvolved:
    def test_advances_last_updated_also_within_one_millisecond(self) -> None:
        order = an_order()

        times = [after(order, *[Action.TOUCH] * n).document["lastUpdatedTime"] for n in range(5)]

        assert times == sorted(set(times))

    def test_takes_the_time_of_the_change(self) -> None:
        later = NOON + timedelta(hours=3)

        assert evolved(an_order(), Action.SHIP, now=later).updated == later

    def test_leaves_the_order_before_as_it_was(self) -> None:
        order = an_order()

        after(order, Action.SHIP)

        assert order == an_order()

    def test_ships_every_unit_in_a_package(self) -> None:
        shipped = after(an_order(), Action.SHIP)

        assert (shipped.status, open_units(shipped)) == (Status.SHIPPED, 0)
        packed = shipped.document["packages"][0]["packageItems"]
        ordered = {i["orderItemId"]: i["quantityOrdered"] for i in shipped.document["orderItems"]}
        assert {item["orderItemId"]: item["quantity"] for item in packed} == ordered

    def test_shows_no_package_of_amazon(self) -> None:
        assert "packages" not in an_order(OrderKind.FBA).document

    def test_ships_a_part_and_then_the_rest(self) -> None:
        order = next(
            o for o in some_orders({OrderKind.MFN: 20}) if Action.SHIP_PARTLY in possible_actions(o)
        )

        partly = after(order, Action.SHIP_PARTLY)
        wholly = after(partly, Action.SHIP)

        assert partly.status is Status.PARTIALLY_SHIPPED
        assert 0 < open_units(partly) < open_units(order)
        assert (wholly.status, open_units(wholly)) == (Status.SHIPPED, 0)
        references = [p["packageReferenceId"] for p in wholly.document["packages"]]
        assert references == ["1", "2"]

    def test_cancels_every_line(self) -> None:
        cancelled = after(an_order(), Action.CANCEL)

        assert (cancelled.status, open_units(cancelled)) == (Status.CANCELLED, 0)
        for item in cancelled.document["orderItems"]:
            assert item["cancellation"]["cancellationExecution"]["cancelledBy"] == "BUYER"

    def test_takes_a_cancelled_line_off_the_total(self) -> None:
        order = next(o for o in some_orders({OrderKind.MFN: 20}) if len(_lines(o)) > 1)

        cancelled = after(order, Action.CANCEL_LINE)

        assert cancelled.status is Status.UNSHIPPED
        total = cancelled.document["proceeds"]["grandTotal"]
        assert total == _lines(order)[0]["proceeds"]["proceedsTotal"]
        assert cancelled.document["payment"]["paymentExecutions"][0]["paymentAmount"] == total

    def test_only_asks_when_the_buyer_asks_to_cancel(self) -> None:
        asked = after(an_order(), Action.REQUEST_CANCELLATION)

        assert asked.status is Status.UNSHIPPED
        assert asked.document["orderItems"][0]["cancellation"] == {
            "cancellationRequest": {"requester": "BUYER", "cancelReason": "Ordered by mistake"}
        }

    @pytest.mark.parametrize(
        ("kind", "action"),
        [
            (OrderKind.PENDING, Action.SHIP),
            (OrderKind.MFN, Action.PAY),
            (OrderKind.FBA, Action.CANCEL),
            (OrderKind.CANCELLED, Action.PAY),
        ],
    )
    def test_refuses_what_the_state_does_not_allow(self, kind: OrderKind, action: Action) -> None:
        with pytest.raises(NotPossible, match="is not possible"):
            after(an_order(kind), action)

    def test_has_a_rule_for_every_state(self) -> None:
        assert set(TRANSITIONS) == set(Status)


class TestNaturalAction:
    def test_leads_every_order_to_its_end(self) -> None:
        chance = random.Random(1)
        for order in some_orders({OrderKind.PENDING: 50, OrderKind.MIXED: 20}):
            current, steps = order, 0
            while (action := natural_action(current, chance)) and steps < 100:
                current, steps = after(current, action), steps + 1
            assert current.status in {Status.SHIPPED, Status.CANCELLED}


def _lines(order: Order) -> list[dict[str, dict[str, object]]]:
    return list(order.document["orderItems"])

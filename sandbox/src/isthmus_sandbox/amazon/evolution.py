"""What happens to an order after it was placed. Every change advances lastUpdatedTime."""

from __future__ import annotations

import copy
import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from isthmus_sandbox.amazon.orders import Document, Order, Status, moment
from isthmus_sandbox.amazon.proceeds import order_proceeds, zeroed

_TICK: Final = timedelta(milliseconds=1)


class Action(StrEnum):
    """What a buyer, the seller or Amazon can do to an order."""

    PAY = "pay"
    SHIP = "ship"
    SHIP_PARTLY = "ship_partly"
    CANCEL = "cancel"
    CANCEL_LINE = "cancel_line"
    REQUEST_CANCELLATION = "request_cancellation"
    TOUCH = "touch"


TRANSITIONS: Final[Mapping[Status, Mapping[Action, Status]]] = {
    Status.PENDING_AVAILABILITY: {Action.CANCEL: Status.CANCELLED},
    Status.PENDING: {Action.PAY: Status.UNSHIPPED, Action.CANCEL: Status.CANCELLED},
    Status.UNSHIPPED: {
        Action.SHIP: Status.SHIPPED,
        Action.SHIP_PARTLY: Status.PARTIALLY_SHIPPED,
        Action.CANCEL: Status.CANCELLED,
        Action.CANCEL_LINE: Status.UNSHIPPED,
        Action.REQUEST_CANCELLATION: Status.UNSHIPPED,
    },
    Status.PARTIALLY_SHIPPED: {
        Action.SHIP: Status.SHIPPED,
        Action.REQUEST_CANCELLATION: Status.PARTIALLY_SHIPPED,
    },
    Status.SHIPPED: {},
    Status.CANCELLED: {},
    Status.UNFULFILLABLE: {},
}
_LIKELIHOOD: Final = {
    Action.PAY: 80,
    Action.SHIP: 75,
    Action.SHIP_PARTLY: 10,
    Action.CANCEL: 10,
    Action.CANCEL_LINE: 5,
    Action.REQUEST_CANCELLATION: 5,
}


class NotPossible(Exception):
    """This cannot happen to this order in its state."""


def evolved(order: Order, action: Action, *, now: datetime) -> Order:
    """Return the order after the action.

    :raises NotPossible: when the order's state does not allow it.
    """
    if action is not Action.TOUCH and action not in possible_actions(order):
        raise NotPossible(f"Order {order.order_id} is {order.status}: {action} is not possible.")
    document = copy.deepcopy(order.document)
    if action is not Action.TOUCH:
        _DO[action](document)
        document["fulfillment"]["fulfillmentStatus"] = TRANSITIONS[order.status][action].value
    # Strictly later than before, also when two changes fall into one millisecond.
    document["lastUpdatedTime"] = moment(max(now, order.updated + _TICK))
    return replace(order, document=document)


def possible_actions(order: Order) -> list[Action]:
    """Return what can happen to the order next, besides a touch."""
    open_units = [
        item["fulfillment"]["quantityUnfulfilled"] for item in _open_items(order.document)
    ]
    impossible = set()
    if sum(open_units) < 2:
        impossible.add(Action.SHIP_PARTLY)
    if len(open_units) < 2:
        impossible.add(Action.CANCEL_LINE)
    return [action for action in TRANSITIONS[order.status] if action not in impossible]


def natural_action(order: Order, chance: random.Random) -> Action | None:
    """Return what is likely to happen next; None when nothing more will."""
    actions = possible_actions(order)
    if not actions:
        return None
    return chance.choices(actions, weights=[_LIKELIHOOD[action] for action in actions])[0]


def _pay(document: Document) -> None:
    """Nothing to do: what the buyer decided was known to Amazon, and is now shown."""


def _ship(document: Document) -> None:
    shipped = []
    for item in _open_items(document):
        quantity = item["fulfillment"]["quantityUnfulfilled"]
        _move_units(item, quantity)
        shipped.append({"orderItemId": item["orderItemId"], "quantity": quantity})
    _add_package(document, shipped)


def _ship_partly(document: Document) -> None:
    """The first line goes out; of an order of one line, one unit."""
    items = _open_items(document)
    first = items[0]
    quantity = first["fulfillment"]["quantityUnfulfilled"] if len(items) > 1 else 1
    _move_units(first, quantity)
    _add_package(document, [{"orderItemId": first["orderItemId"], "quantity": quantity}])


def _open_items(document: Document) -> list[Document]:
    return [
        item
        for item in document["orderItems"]
        if item.get("fulfillment", {}).get("quantityUnfulfilled", 0)
    ]


def _move_units(item: Document, quantity: int) -> None:
    item["fulfillment"]["quantityFulfilled"] += quantity
    item["fulfillment"]["quantityUnfulfilled"] -= quantity


def _cancel(document: Document) -> None:
    for item in document["orderItems"]:
        _cancel_item(item, by="BUYER", reason="Changed mind about purchase")


def _cancel_line(document: Document) -> None:
    """The last open line is out of stock; the seller cancels it, and the order is worth less."""
    items = _open_items(document)
    _cancel_item(items[-1], by="MERCHANT", reason="No inventory")
    items[-1]["proceeds"] = zeroed(items[-1]["proceeds"])
    document["proceeds"] = order_proceeds(document["orderItems"])
    for execution in document["payment"]["paymentExecutions"]:
        execution["paymentAmount"] = document["proceeds"]["grandTotal"]


def _cancel_item(item: Document, *, by: str, reason: str) -> None:
    item["fulfillment"]["quantityUnfulfilled"] = 0
    cancellation = item.setdefault("cancellation", {})
    cancellation["cancellationExecution"] = {"cancelledBy": by, "cancelReason": reason}


def _request_cancellation(document: Document) -> None:
    for item in _open_items(document):
        request = {"requester": "BUYER", "cancelReason": "Ordered by mistake"}
        item.setdefault("cancellation", {})["cancellationRequest"] = request


def _add_package(document: Document, items: list[Document]) -> None:
    """Amazon shows the packages of sellers, not its own."""
    if document["fulfillment"]["fulfilledBy"] != "MERCHANT" or not items:
        return
    packages = document.setdefault("packages", [])
    number = f"{document['orderId'].replace('-', '')}{len(packages) + 1:02}"
    packages.append(
        {
            "packageReferenceId": str(len(packages) + 1),
            "packageStatus": {"status": "SHIPPED"},
            "carrier": "UPS",
            "shippingService": "UPS Ground",
            "trackingNumber": f"1Z{number}",
            "packageItems": items,
        }
    )


_DO: Final = {
    Action.PAY: _pay,
    Action.SHIP: _ship,
    Action.SHIP_PARTLY: _ship_partly,
    Action.CANCEL: _cancel,
    Action.CANCEL_LINE: _cancel_line,
    Action.REQUEST_CANCELLATION: _request_cancellation,
}

"""One module per area of schemas/avro: frozen structs, equal to the Avro records; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from isthmus.messages.amazon import Order
from isthmus.messages.control import (
    Audit,
    Checkpoint,
    Control,
    HeldKey,
    OrderKey,
    Position,
    Release,
)
from isthmus.messages.netsuite import CommandedOrder, FeedState, Item, OrderCommand, Outcome

RECORDS: Final[Mapping[str, type[msgspec.Struct]]] = {
    "isthmus.amazon.Order": Order,
    "isthmus.netsuite.OrderCommand": OrderCommand,
    "isthmus.netsuite.CommandedOrder": CommandedOrder,
    "isthmus.netsuite.Outcome": Outcome,
    "isthmus.netsuite.Item": Item,
    "isthmus.netsuite.FeedState": FeedState,
    "isthmus.control.OrderKey": OrderKey,
    "isthmus.control.Checkpoint": Checkpoint,
    "isthmus.control.HeldKey": HeldKey,
    "isthmus.control.Position": Position,
    "isthmus.control.Control": Control,
    "isthmus.control.Release": Release,
    "isthmus.control.Audit": Audit,
}

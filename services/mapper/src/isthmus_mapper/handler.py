"""The stage: one fact to at most one command."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import msgspec

from isthmus.core.errors import Rejected
from isthmus.core.identifiers import record_key
from isthmus.core.records import Output, Record, Tables
from isthmus.messages.amazon import Order
from isthmus.messages.netsuite import Item
from isthmus_mapper.domain.command import command_of
from isthmus_mapper.domain.mapping import AccountMapping

COMMANDS: Final = "netsuite.order-commands"
ITEMS: Final = "netsuite.items"


@dataclass(frozen=True, slots=True)
class OrderMapping:
    """Maps orders by the mapping of their account."""

    mappings: Mapping[str, AccountMapping]

    def __call__(self, record: Record[msgspec.Struct], tables: Tables) -> Iterable[Output]:
        """Return the command that books the order, if it is to be booked now.

        :raises Rejected: it cannot be booked as the mapping and the items stand.
        """
        order = record.value
        if not isinstance(order, Order):
            raise TypeError(f"{record.topic} holds {type(order).__name__}, not Order")
        _refuse_wrong(order, record.key)
        mapping = self.mappings.get(order.account)
        if mapping is None:
            raise Rejected(
                f"account {order.account} has no mapping file: add {order.account}.yaml",
                reason_class="unknown-account",
                path="account",
            )

        def find_item(sku: str) -> Item | None:
            found = tables[ITEMS].find(item_index(order.account, sku))
            items = [one for one in found if isinstance(one, Item)]
            return next((one for one in items if not one.is_inactive), items[0] if items else None)

        command = command_of(order, fact=record.effect_id, mapping=mapping, find_item=find_item)
        return [] if command is None else [Output(COMMANDS, record.key, command)]


def item_index(account: str, sku: str) -> str:
    """Return the second key by which items are found."""
    return f"{account}/{sku}"


def _refuse_wrong(order: Order, key: str) -> None:
    if key != record_key(order.account, order.order_id):
        raise Rejected(
            f"the key {key} is not that of order {order.order_id} of {order.account}",
            reason_class="wrong-key",
        )
    if not order.items:
        raise Rejected(
            f"order {order.order_id} has no items", reason_class="no-lines", path="items"
        )

"""The whole of the stage: a fact about an order in, at most one command out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import msgspec

from isthmus.core.errors import Rejected
from isthmus.core.identifiers import record_key
from isthmus.core.records import Output, Record, Tables
from isthmus.messages.amazon import Order
from isthmus.messages.netsuite import Item
from isthmus_mapper.domain.commands import command_of
from isthmus_mapper.domain.mapping import AccountMapping

COMMANDS: Final = "netsuite.order-commands"
ITEMS: Final = "netsuite.items"


@dataclass(frozen=True, slots=True)
class OrderMapping:
    """Maps the orders of all accounts.

    :param mappings: by account.
    """

    mappings: Mapping[str, AccountMapping]

    def __call__(self, record: Record[msgspec.Struct], tables: Tables) -> Iterator[Output]:
        """Yield the command, if the order is to be booked.

        :raises Rejected: it cannot be booked as it is; says what to do.
        """
        order = record.value
        if not isinstance(order, Order):
            raise TypeError(f"{record.topic} holds a {type(order).__name__}, not an order")
        _refuse_wrong_key(record.key, order)

        def items_named(name: str) -> list[Item]:
            found = tables[ITEMS].find(items_index(order.account, name))
            return [item for item in found if isinstance(item, Item)]

        command = command_of(
            order,
            fact=record.effect_id,
            mapping=self._mapping(order.account),
            items_named=items_named,
        )
        if command is not None:
            yield Output(topic=COMMANDS, key=record.key, value=command)

    def _mapping(self, account: str) -> AccountMapping:
        if account not in self.mappings:
            raise Rejected(
                f"account {account} has no mapping. Remedy: add {account}.yaml to the folder of"
                " mappings",
                reason_class="unknown-account",
                path="account",
            )
        return self.mappings[account]


def items_index(account: str, name: str) -> str:
    """Return where the table of items keeps those of an account that have this name."""
    return f"{account}/{name}"


def _refuse_wrong_key(key: str, order: Order) -> None:
    try:
        expected = record_key(order.account, order.order_id)
    except ValueError:
        expected = ""
    if key != expected:
        raise Rejected(
            f"the key is {key[:80]!r}, the order {order.order_id[:80]!r} of {order.account[:40]!r}",
            reason_class="wrong-key",
            path="key",
        )

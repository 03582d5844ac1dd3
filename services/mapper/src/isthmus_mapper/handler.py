"""The whole of the stage: a fact about an order in, at most one command out, each once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import msgspec

from isthmus.core.errors import Rejected, Retryable
from isthmus.core.identifiers import record_key
from isthmus.core.records import Output, Record, Tables
from isthmus.messages.amazon import Order
from isthmus.messages.netsuite import CommandedOrder, Item, OrderCommand
from isthmus_mapper.domain.booking import Booking, booking_of
from isthmus_mapper.domain.commanded import commanded, is_settled, substance_hash
from isthmus_mapper.domain.commands import command_of
from isthmus_mapper.domain.items import UNKNOWN_SKU, ItemsNamed
from isthmus_mapper.domain.mapping import AccountMapping

COMMANDS: Final = "netsuite.order-commands"
ITEMS: Final = "netsuite.items"
FEEDS: Final = "netsuite.feeds"
ITEMS_FEED: Final = "items"
ITEMS_NOT_LOADED: Final = "items-not-loaded"
COMMANDED: Final = "isthmus.commanded-orders"


@dataclass(frozen=True, slots=True)
class OrderMapping:
    """Maps the orders of all accounts.

    :param mappings: by account.
    """

    mappings: Mapping[str, AccountMapping]

    def __call__(self, record: Record[msgspec.Struct], tables: Tables) -> Iterator[Output]:
        """Yield the command, if the order is to be booked.

        :raises Rejected: it cannot be booked as it is; says what to do.
        :raises Retryable: the items of the account were not read to their end yet.
        """
        order = record.value
        if not isinstance(order, Order):
            raise TypeError(f"{record.topic} holds a {type(order).__name__}, not an order")
        _refuse_wrong_key(record.key, order)
        booking = booking_of(order)
        substance = substance_hash(order, booking)
        before = _commanded_before(record.key, tables)
        if before is not None and is_settled(order, substance, before):
            return
        command = self._command(order, booking, record.effect_id, tables)
        if command is None:
            return
        after = commanded(command, substance)
        if before is None or before.payload_hash != after.payload_hash:
            yield Output(topic=COMMANDS, key=record.key, value=command)
        yield Output(topic=COMMANDED, key=record.key, value=after)

    def _command(
        self, order: Order, booking: Booking, fact: str, tables: Tables
    ) -> OrderCommand | None:
        try:
            return command_of(
                order,
                booking,
                fact=fact,
                mapping=self._mapping(order.account),
                items_named=_items_of(order.account, tables),
            )
        except Rejected as error:
            if error.reason_class != UNKNOWN_SKU or _knows_all_items(order.account, tables):
                raise
            raise _items_not_loaded(order) from error

    def _mapping(self, account: str) -> AccountMapping:
        if account not in self.mappings:
            raise Rejected(
                f"account {account} has no mapping. Remedy: add {account}.yaml to the folder of"
                " mappings",
                reason_class="unknown-account",
                path="account",
            )
        return self.mappings[account]


def _commanded_before(key: str, tables: Tables) -> CommandedOrder | None:
    found = tables[COMMANDED].get(key)
    return found if isinstance(found, CommandedOrder) else None


def _items_of(account: str, tables: Tables) -> ItemsNamed:
    def named(name: str) -> list[Item]:
        found = tables[ITEMS].find(items_index(account, name))
        return [item for item in found if isinstance(item, Item)]

    return named


def _knows_all_items(account: str, tables: Tables) -> bool:
    return tables[FEEDS].get(f"{account}/{ITEMS_FEED}") is not None


def _items_not_loaded(order: Order) -> Retryable:
    return Retryable(
        f"the items of {order.account} were not read from NetSuite to their end yet: whether the"
        f" SKUs of order {order.order_id} are items is not known. Remedy: see that"
        " inventory-publisher runs and reads this account; the order goes on by itself",
        reason_class=ITEMS_NOT_LOADED,
    )


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

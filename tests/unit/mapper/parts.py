"""A mapping, a table of items and the act of mapping, for the tests of the stage."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from isthmus.core.errors import Rejected
from isthmus.core.records import Output, Record, Tables
from isthmus.messages.amazon import Order
from isthmus.messages.netsuite import FeedState, Item, OrderCommand
from isthmus.testing.builders import ACCOUNT, PURCHASED, US, a_netsuite_item
from isthmus_mapper.domain.mapping import AccountMapping, MappingFile
from isthmus_mapper.handler import COMMANDED, COMMANDS, FEEDS, ITEMS, OrderMapping, items_index

MARKETPLACE = {
    "name": "Amazon.com",
    "currency": "USD",
    "customer": {"external_id": "AMZ-CUST-US", "name": "Amazon.com"},
    "locations": {"merchant": "1", "amazon": "2"},
    "subsidiary": "5",
    "tax": "book",
}
FILE = {
    "time_zone": "America/Los_Angeles",
    "charge_items": {
        "shipping": {"id": "101", "name": "AMZ Shipping"},
        "gift_wrap": {"id": "102", "name": "AMZ Gift Wrap"},
        "discount": {"id": "103", "name": "AMZ Discount"},
        "tax": {"id": "104", "name": "AMZ Tax"},
        "withheld_tax": {"id": "105", "name": "AMZ Tax Withheld"},
    },
    "ship_methods": {"EXPEDITED": "92"},
    "ship_method": "91",
    "custom_fields": {"custbody_channel": "amazon"},
}


def a_mapping(**fields: Any) -> AccountMapping:
    """Return a mapping of one marketplace; a field changes the file, or the marketplace."""
    marketplace = {name: fields.pop(name, MARKETPLACE[name]) for name in MARKETPLACE}
    file = {**FILE, "marketplaces": {US: marketplace}, **fields}
    return AccountMapping(
        account=ACCOUNT,
        version="0123456789ab",
        file=MappingFile.model_validate(file),
        time_zone=ZoneInfo(str(file["time_zone"])),
    )


class Items:
    """The table of items."""

    def __init__(self, *items: Item) -> None:
        self._items = items

    def get(self, key: str) -> Item | None:
        raise NotImplementedError

    def find(self, index: str) -> tuple[msgspec.Struct, ...]:
        return tuple(one for one in self._items if items_index(one.account, one.sku) == index)


class Rows:
    """A table without an index."""

    def __init__(self, **rows: msgspec.Struct) -> None:
        self.rows = rows

    def get(self, key: str) -> msgspec.Struct | None:
        return self.rows.get(key)

    def find(self, index: str) -> tuple[msgspec.Struct, ...]:
        raise NotImplementedError


NO_FEEDS = Rows()
ALL_ITEMS_READ = Rows(
    **{f"{ACCOUNT}/items": FeedState(account=ACCOUNT, feed="items", whole_at=PURCHASED)}
)


class Stage:
    """The stage with its memory: facts come one after another.

    :param mapping: what maps from now on; change it, and the mapper was started anew.
    """

    def __init__(
        self,
        *,
        mapping: AccountMapping | None = None,
        items: tuple[Item, ...] = (a_netsuite_item(),),
        feeds: Rows = ALL_ITEMS_READ,
    ) -> None:
        self.mapping = mapping or a_mapping()
        self.items = items
        self.feeds = feeds
        self.commanded = Rows()

    def outputs(self, order: Order, *, key: str | None = None) -> list[Output]:
        """Map an order, and remember what the stage wants remembered."""
        record: Record[msgspec.Struct] = Record(
            topic="amazon.orders",
            partition=3,
            offset=17,
            timestamp=PURCHASED,
            key=key or f"{order.account}/{order.order_id}",
            value=order,
        )
        tables: Tables = {
            ITEMS: Items(*self.items),
            FEEDS: self.feeds,
            COMMANDED: self.commanded,
        }
        outputs = list(OrderMapping({ACCOUNT: self.mapping})(record, tables))
        for output in outputs:
            if output.topic == COMMANDED and output.value is not None:
                self.commanded.rows[output.key] = output.value
        return outputs

    def commands(self, order: Order, *, key: str | None = None) -> list[Output]:
        """Map an order, and return only the commands."""
        return [one for one in self.outputs(order, key=key) if one.topic == COMMANDS]


def mapped(order: Order, *, key: str | None = None, **stage: Any) -> list[Output]:
    """Map one order of which the stage knows nothing yet; return only the commands."""
    return Stage(**stage).commands(order, key=key)


def command(order: Order, **how: Any) -> OrderCommand:
    """Map one order that must give a command."""
    [output] = mapped(order, **how)
    assert isinstance(output.value, OrderCommand)
    return output.value


def rejection(order: Order, **how: Any) -> Rejected:
    """Map one order that must be refused."""
    with pytest.raises(Rejected) as raised:
        mapped(order, **how)
    return raised.value

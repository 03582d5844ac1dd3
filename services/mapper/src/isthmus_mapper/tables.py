"""What the stage reads beside the orders."""

from __future__ import annotations

from typing import Final

import msgspec

from isthmus.kafka.tables import Kind, TableSpec
from isthmus.messages.netsuite import Item
from isthmus_mapper.handler import COMMANDED, FEEDS, ITEMS, items_index


def by_name(_key: str, item: msgspec.Struct) -> str | None:
    """Return where the table keeps an item, so that its SKU finds it."""
    return items_index(item.account, item.sku) if isinstance(item, Item) else None


OF_ITEMS: Final = (
    TableSpec(topic=ITEMS, kind=Kind.GLOBAL, index=by_name),
    TableSpec(topic=FEEDS, kind=Kind.GLOBAL),
)
TABLES: Final = (*OF_ITEMS, TableSpec(topic=COMMANDED, kind=Kind.LOCAL))

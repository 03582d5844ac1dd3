"""Puts the stage together."""

from __future__ import annotations

import msgspec

from isthmus.kafka import run
from isthmus.kafka.tables import Kind, TableSpec
from isthmus.messages.netsuite import Item
from isthmus.ops.settings import load
from isthmus_mapper.handler import ITEMS, OrderMapping, item_index
from isthmus_mapper.mapping_file import read_mappings
from isthmus_mapper.settings import MapperSettings


def by_sku(_key: str, item: msgspec.Struct) -> str | None:
    """Index an item by account and name."""
    return item_index(item.account, item.sku) if isinstance(item, Item) else None


def serve() -> int:
    """Map orders until SIGTERM."""
    settings = load(MapperSettings)
    transform = OrderMapping(read_mappings(settings.mapping_dir))
    return run.run_stage(settings, transform, tables=[TableSpec(ITEMS, Kind.GLOBAL, index=by_sku)])

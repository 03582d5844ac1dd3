"""The lists every account has, before anybody adds to them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from isthmus_sandbox.netsuite.records.service import Records
from isthmus_sandbox.netsuite.records.store import Store

_LISTS: Final[Mapping[str, Mapping[int, str]]] = {
    "subsidiary": {1: "Parent Company"},
    "currency": {1: "USD", 2: "CAD", 3: "MXN", 4: "EUR", 5: "GBP"},
    "location": {1: "Warehouse", 2: "Amazon FBA"},
    "priceLevel": {-1: "Custom", 1: "Base Price"},
    "customForm": {101: "Amazon Sales Order", 102: "Amazon Cash Sale"},
    "shipMethod": {1: "Standard", 2: "Expedited", 3: "Amazon FBA"},
    "paymentMethod": {1: "Amazon"},
    "account": {1: "Amazon Clearing"},
    "department": {1: "Online"},
    "class": {1: "Amazon"},
    "salesChannel": {1: "Amazon"},
    "terms": {1: "Due on receipt"},
    "taxCode": {-7: "-Not Taxable-"},
    "taxType": {1: "Sales Tax"},
}


def seed_lists(records: Records, store: Store, *, now: datetime) -> None:
    """Add the entries that a new account lacks."""
    for name, entries in _LISTS.items():
        kind = records.type(name, in_rest=False)
        for internal_id, label in entries.items():
            if store.by_id(kind.group, internal_id) is None:
                records.create(kind, {"name": label}, names_strict=True, now=now, id=internal_id)

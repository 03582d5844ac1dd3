"""From a row of the table ``item`` to a fact, or to the reason why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from isthmus.core.errors import Rejected
from isthmus.core.identifiers import record_key
from isthmus.core.records import Output, Refused
from isthmus.messages.netsuite import FeedState, Item
from isthmus_inventory_publisher.domain.clocks import AccountClock

ITEMS: Final = "netsuite.items"
FEEDS: Final = "netsuite.feeds"
ITEMS_FEED: Final = "items"
FLAGS: Final = {"T": True, "F": False}


def fact_or_refusal(
    row: Mapping[str, str], *, account: str, clock: AccountClock
) -> Output | Refused:
    """Return the fact of a row, or its dead letter. An inactive item is a fact as well."""
    key = record_key(account, row.get("id") or "unknown")
    try:
        return Output(ITEMS, key, _item(row, account=account, clock=clock))
    except Rejected as error:
        return Refused(
            topic=ITEMS,
            key=key,
            raw=msgspec.json.encode(dict(row)),
            reason_class=error.reason_class,
            detail=error.detail,
            path=error.path,
        )


def whole(*, account: str, clock: AccountClock) -> Output:
    """Return the fact that all items were told: one that is not there does not exist."""
    state = FeedState(account=account, feed=ITEMS_FEED, whole_at=clock.read_at)
    return Output(FEEDS, record_key(account, ITEMS_FEED), state)


def _item(row: Mapping[str, str], *, account: str, clock: AccountClock) -> Item:
    try:
        modified_at = clock.utc(row.get("modified", ""))
    except ValueError:
        raise _malformed("modified", "the moment of its last change cannot be read") from None
    return Item(
        account=account,
        internal_id=_given(row, "id"),
        sku=_given(row, "itemid"),
        external_id=row.get("externalid"),
        display_name=row.get("displayname"),
        item_type=_given(row, "itemtype"),
        is_inactive=_flag(row, "isinactive"),
        modified_at=modified_at,
    )


def _given(row: Mapping[str, str], column: str) -> str:
    if not row.get(column):
        raise _malformed(column, "it is empty")
    return row[column]


def _flag(row: Mapping[str, str], column: str) -> bool:
    value = _given(row, column)
    if value not in FLAGS:
        raise _malformed(column, f"it is {value[:20]!r}, neither T nor F")
    return FLAGS[value]


def _malformed(column: str, what: str) -> Rejected:
    return Rejected(f"NetSuite's item: {what}", reason_class="malformed-item", path=column)

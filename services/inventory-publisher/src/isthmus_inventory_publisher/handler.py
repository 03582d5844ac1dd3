"""The feed ``items``: every item that NetSuite has, and every change of it, becomes a fact."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from isthmus.core.errors import Retryable
from isthmus.core.records import Batch, Output, Refused
from isthmus_inventory_publisher.domain.clocks import AccountClock
from isthmus_inventory_publisher.domain.cursor import Cursor, mark_of, read_cursor
from isthmus_inventory_publisher.domain.translator import fact_or_refusal, whole
from isthmus_inventory_publisher.ports import ItemTable, Row


@dataclass(frozen=True, slots=True)
class FeedBounds:
    """How much is read again, and how much of it is remembered.

    :param overlap: behind the watermark: a change may be visible later than it happened.
    :param seen_max: the changes remembered, so as not to be told twice.
    """

    overlap: timedelta
    seen_max: int


@dataclass(frozen=True, slots=True)
class ItemsFeed:
    """Reads changed items, page by page; each page is a batch with its cursor."""

    table: ItemTable
    bounds: FeedBounds

    def __call__(self, account: str, cursor: str | None) -> Iterator[Batch]:
        """Yield what changed since the cursor, and nothing when nothing did.

        The first poll that comes to the end says so: until then an item may be there untold.

        :raises Retryable: NetSuite does not answer now, or shows no items at all.
        :raises Rejected: the cursor cannot be read.
        """
        position = read_cursor(cursor)
        clock = self.table.clock()
        since = clock.local(position.watermark - self.bounds.overlap)
        is_empty = True
        for rows in self.table.modified_since(since):
            is_empty = False
            moved = self._behind(position, rows, clock)
            told = [row for row in rows if not position.knows(row)]
            if told or moved != position:
                yield _batch(told, moved, account=account, clock=clock)
            position = moved
        if is_empty and not self.table.has_any():
            raise _nothing_to_see()
        if not position.is_whole:
            told_whole = whole(account=account, clock=clock)
            yield Batch(outputs=(told_whole,), cursor=position.at_the_end().text())

    def _behind(self, position: Cursor, rows: Sequence[Row], clock: AccountClock) -> Cursor:
        moments = [moment for row in rows if (moment := _moment(row, clock)) is not None]
        return position.moved(
            read_to=max(moments, default=position.watermark),
            marks={row.get("id", ""): mark_of(row) for row in rows},
            clock=clock,
            overlap=self.bounds.overlap,
            seen_max=self.bounds.seen_max,
        )


def _batch(rows: Sequence[Row], moved: Cursor, *, account: str, clock: AccountClock) -> Batch:
    results = [fact_or_refusal(row, account=account, clock=clock) for row in rows]
    return Batch(
        outputs=tuple(one for one in results if isinstance(one, Output)),
        cursor=moved.text(),
        refused=tuple(one for one in results if isinstance(one, Refused)),
    )


def _moment(row: Row, clock: AccountClock) -> datetime | None:
    try:
        return clock.utc(row.get("modified", ""))
    except ValueError:
        return None


def _nothing_to_see() -> Retryable:
    return Retryable(
        "NetSuite shows no item at all. Remedy: give the integration's role the permissions"
        " Lists > Items and SuiteAnalytics Workbook; without them it answers with no rows",
        reason_class="no-items-visible",
    )

"""SuiteQL in the form of the feed's port."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from isthmus.core.errors import Retryable
from isthmus.netsuite.intent import Intent
from isthmus.netsuite.ports import NetSuite
from isthmus.netsuite.suiteql import Row, keyset_pages
from isthmus.ops.clock import Clock
from isthmus_inventory_publisher.domain.clocks import AccountClock, calibrated

PURPOSE: Final = "items"
NOW: Final = "SELECT TO_CHAR(SYSDATE, 'YYYY-MM-DD HH24:MI:SS') AS now FROM dual"
ANY: Final = "SELECT id FROM item FETCH FIRST 1 ROWS ONLY"
# The masks are written out: without them times come in the user's own format, as bare dates.
MODIFIED: Final = """
SELECT id, itemid, externalid, displayname, itemtype, isinactive,
    TO_CHAR(lastmodifieddate, 'YYYY-MM-DD HH24:MI:SS') AS modified
FROM item
WHERE lastmodifieddate > TO_DATE(?, 'YYYY-MM-DD HH24:MI:SS')
    OR (lastmodifieddate = TO_DATE(?, 'YYYY-MM-DD HH24:MI:SS') AND id > ?)
ORDER BY lastmodifieddate, id
FETCH FIRST 1000 ROWS ONLY"""

# Moment of the last change by the account's clock, and internal id.
Place: TypeAlias = tuple[str, int]


@dataclass(frozen=True, slots=True)
class SuiteQLItems:
    """``ItemTable`` by SuiteQL, paged by key: offsets skip and repeat what changes meanwhile.

    :param query_s: the seconds a query may take, waiting for a free place at NetSuite included.
    """

    account: NetSuite
    time: Clock
    page_size: int
    pages_max: int
    query_s: float

    def clock(self) -> AccountClock:
        """Read NetSuite's time in UTC, then by the account's clock."""
        utc = self.account.system.server_time(intent=self._intent())
        rows = self.account.suiteql.rows(NOW, intent=self._intent())
        if len(rows) != 1 or "now" not in rows[0]:
            raise Retryable("NetSuite does not tell its time", reason_class="unexpected-answer")
        return calibrated(utc=utc, local=rows[0]["now"])

    def modified_since(self, local: str) -> Iterator[Sequence[Row]]:
        """Page through the items by moment and internal id."""
        return keyset_pages(
            self._page,
            # Internal ids are positive: this is before the first of that moment.
            start=(local, 0),
            key=_place_of,
            size=self.page_size,
            pages_max=self.pages_max,
        )

    def has_any(self) -> bool:
        """Ask for one item."""
        return bool(self.account.suiteql.rows(ANY, intent=self._intent(), limit=1))

    def _page(self, behind: Place) -> Sequence[Row]:
        moment, internal_id = behind
        params = [moment, moment, str(internal_id)]
        return self.account.suiteql.rows(
            MODIFIED, params, intent=self._intent(), limit=self.page_size
        )

    def _intent(self) -> Intent:
        return Intent(purpose=PURPOSE, deadline=self.time.monotonic() + self.query_s)


def _place_of(row: Row) -> Place:
    try:
        return row["modified"], int(row["id"])
    except (KeyError, ValueError):
        detail = "NetSuite's last item of a page has no moment or no id: cannot go on behind it"
        raise Retryable(detail, reason_class="unexpected-answer") from None

"""A NetSuite in memory for unit tests, held to the simulated one by a shared contract suite.

It keeps what callers rest on: external ids unique in their group, strict names, decimals, SuiteQL
in the account's own clock. A test adds the failures that it is about.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any, Final
from zoneinfo import ZoneInfo

from isthmus.core.errors import Rejected, Retryable
from isthmus.netsuite import wire
from isthmus.netsuite.errors import AlreadyExists
from isthmus.netsuite.intent import Intent
from isthmus.netsuite.ports import NetSuite
from isthmus.netsuite.suiteql import ROWS_MAX, Row
from isthmus.ops.clock import Clock
from isthmus.testing.suiteql import ItemRow, queried, written

FIRST_ID: Final = 1001
GROUPS: Final[Mapping[str, str]] = {
    "customer": "entity",
    "salesOrder": "transaction",
    "cashSale": "transaction",
}
FIELDS: Final = frozenset(
    {
        *("externalId", "entity", "subsidiary", "tranDate", "otherRefNum", "memo", "currency"),
        *("location", "shipMethod", "orderStatus", "item", "shippingAddress", "account"),
        *("undepFunds", "isPerson", "companyName"),
    }
)


@dataclass(frozen=True, slots=True)
class Failure:
    """What the next call of an operation meets.

    :param committed: whether it has its effect all the same.
    """

    operation: str
    error: Rejected | Retryable
    committed: bool


@dataclass(frozen=True, slots=True)
class Held:
    """A record as it was created."""

    type: str
    id: str
    body: Mapping[str, Any]


@dataclass
class FakeNetSuite:
    """One account.

    :param zone: of its own clock, which SuiteQL shows.
    :param calls: what was asked for, such as ``create salesOrder``, in order.
    :param items: the rows of the table ``item``, by internal id.
    """

    clock: Clock
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("America/Los_Angeles"))
    calls: list[str] = field(default_factory=list)
    items: dict[int, ItemRow] = field(default_factory=dict)
    _records: dict[tuple[str, str], Held] = field(default_factory=dict)
    _failures: list[Failure] = field(default_factory=list)
    _ids: Iterator[int] = field(default_factory=lambda: count(FIRST_ID))
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def account(self) -> NetSuite:
        """Return it in the form of the client."""
        return NetSuite(records=self, suiteql=self, system=self)

    def fail(self, operation: str, error: Rejected | Retryable, *, committed: bool = False) -> None:
        """Let one call of an operation fail; more of them wait for further calls."""
        self._failures.append(Failure(operation, error, committed))

    def put_item(
        self,
        internal_id: int,
        sku: str,
        *,
        external_id: str | None = None,
        display_name: str | None = None,
        item_type: str = "InvtPart",
        is_inactive: bool = False,
    ) -> None:
        """Add an item, or change it, now."""
        modified = written(self._local_now())
        inactive = "T" if is_inactive else "F"
        self.items[internal_id] = ItemRow(
            internal_id, sku, external_id, display_name, item_type, inactive, modified
        )

    def held(self, record_type: str) -> list[Held]:
        """Return the records of a type, in the order of their creation."""
        return [one for one in self._records.values() if one.type == record_type]

    def forget(self, record_type: str) -> None:
        """Delete all records of a type."""
        self._records = {k: one for k, one in self._records.items() if one.type != record_type}

    def create(
        self,
        record_type: str,
        body: wire.Body,
        *,
        intent: Intent,
        private: Collection[str] = (),
    ) -> str:
        """Keep the record, unless its external id is taken in its group."""
        content = wire.decode_object(wire.encode(body))
        with self._called(f"create {record_type}", intent):
            return self._keep(record_type, content)

    def find(
        self, record_type: str, external_id: str, *, fields: Collection[str], intent: Intent
    ) -> Mapping[str, Any] | None:
        """Return what was kept."""
        with self._called(f"find {record_type}", intent):
            held = self._records.get((GROUPS[record_type], external_id))
            if held is None or held.type != record_type:
                return None
            return {name: held.body[name] for name in fields if name in held.body} | {"id": held.id}

    def rows(
        self, query: str, params: Sequence[str] = (), *, intent: Intent, limit: int = ROWS_MAX
    ) -> Sequence[Row]:
        """Run the query over the items."""
        with self._called("suiteql", intent):
            rows = self.items.values()
            return queried(query, params, items=rows, local_now=self._local_now())[:limit]

    def server_time(self, *, intent: Intent) -> datetime:
        """Return the clock's time, in whole seconds."""
        with self._called("server time", intent):
            return self.clock.now().replace(microsecond=0)

    @contextmanager
    def _called(self, operation: str, intent: Intent) -> Iterator[None]:
        if not intent.is_current():
            raise Retryable(f"{operation} was not sent", reason_class="not-current")
        with self._lock:
            self.calls.append(operation)
            failure = next((one for one in self._failures if one.operation == operation), None)
            if failure is None:
                yield
                return
            self._failures.remove(failure)
            if failure.committed:
                yield
            raise failure.error

    def _keep(self, record_type: str, content: Mapping[str, Any]) -> str:
        unknown = [name for name in content if name not in FIELDS and name[:4] != "cust"]
        if unknown:
            detail = f"Unknown reference or invalid field name {unknown[0]}."
            raise Rejected(detail, reason_class="invalid-content", path=unknown[0])
        identity = (GROUPS[record_type], str(content["externalId"]))
        if identity in self._records:
            raise AlreadyExists("This record already exists.", path="externalId")
        internal_id = str(next(self._ids))
        self._records[identity] = Held(record_type, internal_id, content)
        return internal_id

    def _local_now(self) -> datetime:
        return self.clock.now().astimezone(self.zone)

"""The orders, in SQLite: the whole document of each, and columns to find it by."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from isthmus_sandbox.amazon.orders import Order, OrderKind, moment
from isthmus_sandbox.amazon.pagination import Position
from isthmus_sandbox.amazon.query import Filters

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS orders (
    serial INTEGER PRIMARY KEY AUTOINCREMENT, order_id TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL, kind TEXT NOT NULL, marketplace_id TEXT NOT NULL,
    status TEXT NOT NULL, fulfilled_by TEXT NOT NULL,
    created TEXT NOT NULL, updated TEXT NOT NULL, document TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS by_update ON orders (account, updated, order_id);
CREATE INDEX IF NOT EXISTS by_creation ON orders (account, created, order_id);
"""
_TIME_COLUMN: Final = {"created": "created", "lastUpdated": "updated"}


class Orders:
    """Every order of every account; in memory when there is no path.

    Times are compared as text: all are written by `moment`, so that their order is theirs.
    """

    def __init__(self, path: Path | None) -> None:
        # The server's one loop uses it; a test may build it in another thread.
        self._db = sqlite3.connect(
            path or ":memory:", isolation_level=None, check_same_thread=False
        )
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.executescript(_SCHEMA)

    def count(self) -> int:
        """Return how many orders there are."""
        return int(self._db.execute("SELECT count(*) FROM orders").fetchone()[0])

    def last_serial(self) -> int:
        """Return the number of the newest order; the next one gets a higher."""
        found = self._db.execute("SELECT coalesce(max(serial), 0) FROM orders").fetchone()
        return int(found[0])

    def add(self, orders: Iterable[Order]) -> None:
        """Keep new orders, all or none."""
        with self._db:
            self._db.execute("BEGIN")
            self._db.executemany(
                "INSERT INTO orders (order_id, account, kind, marketplace_id, status,"
                " fulfilled_by, created, updated, document) VALUES (:order_id, :account, :kind,"
                " :marketplace_id, :status, :fulfilled_by, :created, :updated, :document)",
                map(_row, orders),
            )

    def replace(self, order: Order) -> None:
        """Keep an order as it is now."""
        self._db.execute(
            "UPDATE orders SET status = :status, updated = :updated, document = :document"
            " WHERE order_id = :order_id",
            _row(order),
        )

    def find(self, order_id: str) -> Order | None:
        """Return the order of this id, whosever it is."""
        query = "SELECT * FROM orders WHERE order_id = ?"
        row = self._db.execute(query, (order_id,)).fetchone()
        return row and _order(row)

    def listed(self, *, after: int, limit: int) -> list[tuple[int, Order]]:
        """Return orders by number, behind number `after`."""
        query = "SELECT * FROM orders WHERE serial > ? ORDER BY serial LIMIT ?"
        return [(int(r["serial"]), _order(r)) for r in self._db.execute(query, (after, limit))]

    def unfinished_ids(self) -> list[str]:
        """Return the ids of the invented orders to which something can still happen."""
        query = (
            "SELECT order_id FROM orders WHERE status NOT IN ('SHIPPED', 'CANCELLED')"
            " AND kind != 'example' ORDER BY serial"
        )
        return [str(row["order_id"]) for row in self._db.execute(query)]

    def counts(self) -> list[dict[str, object]]:
        """Return how many orders there are per account, kind and status."""
        query = (
            "SELECT account, kind, status, count(*) AS count FROM orders"
            " GROUP BY account, kind, status ORDER BY account, kind, status"
        )
        return [dict(row) for row in self._db.execute(query)]

    def search(
        self, filters: Filters, *, account: str, upper_bound: str, after: Position | None
    ) -> list[Order]:
        """Return one page and one order more, when there is more, oldest first."""
        column = _TIME_COLUMN[filters.field]
        wanted = {
            "marketplace_id": filters.marketplace_ids,
            "status": filters.statuses,
            "fulfilled_by": filters.fulfilled_by,
        }
        conditions = ["account = ?", f"{column} >= ?", f"{column} <= ?"]
        values: list[str | int] = [account, filters.after, upper_bound]
        for name, allowed in wanted.items():
            if allowed:
                conditions.append(_one_of(name, allowed))
                values.extend(allowed)
        if after is not None:
            conditions.append(f"({column}, order_id) > (?, ?)")
            values.extend([after.time, after.order_id])
        # Only names of columns are put into the text; what comes from a request is bound.
        query = f"SELECT * FROM orders WHERE {' AND '.join(conditions)}"  # noqa: S608
        query += f" ORDER BY {column}, order_id LIMIT ?"
        return [_order(r) for r in self._db.execute(query, [*values, filters.page_size + 1])]


def _one_of(column: str, values: Sequence[str]) -> str:
    return f"{column} IN ({', '.join('?' * len(values))})"


def _row(order: Order) -> Mapping[str, str]:
    return {
        "order_id": order.order_id,
        "account": order.account,
        "kind": order.kind.value,
        "marketplace_id": order.marketplace_id,
        "status": order.status.value,
        "fulfilled_by": order.fulfilled_by,
        "created": moment(order.created),
        "updated": moment(order.updated),
        "document": json.dumps(order.document, ensure_ascii=False, separators=(",", ":")),
    }


def _order(row: sqlite3.Row) -> Order:
    document = json.loads(row["document"])
    return Order(account=row["account"], kind=OrderKind(row["kind"]), document=document)

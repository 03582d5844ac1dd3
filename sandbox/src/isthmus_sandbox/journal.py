"""The journal: every request that an end answered (or cut), with its effect."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query

Column = Literal["operation", "key", "status", "effect", "fault"]
PAGE_MAX: Final = 10_000
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS journal (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, time TEXT NOT NULL, operation TEXT NOT NULL, key TEXT,
    status INTEGER NOT NULL, effect TEXT, fault TEXT, detail TEXT NOT NULL
)
"""


class Journal:
    """Append-only, in SQLite (in memory when there is no path). Usable from any thread."""

    def __init__(self, path: Path | None) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(
            path or ":memory:", isolation_level=None, check_same_thread=False
        )
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        # What a killed process wrote survives; only a crash of the machine could lose the tail.
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.execute(_SCHEMA)

    def append(
        self,
        *,
        time: datetime,
        operation: str,
        key: str | None,
        status: int,
        effect: str | None = None,
        fault: str | None = None,
        detail: Mapping[str, object] | None = None,
    ) -> int:
        """Write one request down and return its number.

        `status` is 0 when the client was given none (a cut connection). `effect` says what
        changed at this end, and is None when nothing did.
        """
        row = (
            time.astimezone(UTC).isoformat(timespec="microseconds"),
            operation,
            key,
            status,
            effect,
            fault,
            json.dumps(detail or {}, ensure_ascii=False),
        )
        with self._lock:
            cursor = self._db.execute(
                "INSERT INTO journal (time, operation, key, status, effect, fault, detail)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                row,
            )
            return int(cursor.lastrowid or 0)

    def read(self, *, after: int = 0, limit: int = 1000) -> list[dict[str, object]]:
        """Return the entries behind number `after`, oldest first."""
        with self._lock:
            rows = self._db.execute(
                "SELECT * FROM journal WHERE seq > ? ORDER BY seq LIMIT ?", (after, limit)
            ).fetchall()
        return [{**dict(row), "detail": json.loads(row["detail"])} for row in rows]

    def count_by(self, *columns: Column) -> list[dict[str, object]]:
        """Return how many entries there are of each combination of these columns."""
        names = ", ".join(columns)
        grouped = f"GROUP BY {names} ORDER BY {names}" if columns else ""
        select = ", ".join([*columns, "count(*) AS count"])
        with self._lock:
            # The columns are of a closed set, never of a request's text.
            rows = self._db.execute(f"SELECT {select} FROM journal {grouped}").fetchall()  # noqa: S608
        return [dict(row) for row in rows]

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._db.close()


def journal_router(journal: Journal) -> APIRouter:
    """Return the routes of `/_control/journal`."""
    router = APIRouter(prefix="/_control/journal")

    @router.get("")
    async def read(
        after: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 1000,
    ) -> list[dict[str, object]]:
        return journal.read(after=after, limit=limit)

    @router.get("/counts")
    async def counts(by: Annotated[Sequence[Column], Query()]) -> list[dict[str, object]]:
        return journal.count_by(*dict.fromkeys(by))

    return router

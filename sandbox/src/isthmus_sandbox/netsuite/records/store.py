"""Where records live: SQLite, one row each, uniqueness kept by its indexes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from isthmus_sandbox.netsuite.account import Account
from isthmus_sandbox.netsuite.suiteql.values import account_date

PAGE_MAX: Final = 10_000
_FIRST_ID: Final = 1000
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS record (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, grp TEXT NOT NULL, id INTEGER NOT NULL,
    type TEXT NOT NULL, external_id TEXT, name TEXT NOT NULL, body TEXT NOT NULL,
    created TEXT NOT NULL, modified TEXT NOT NULL,
    created_local TEXT NOT NULL, modified_local TEXT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS record_id ON record (grp, id);
CREATE UNIQUE INDEX IF NOT EXISTS record_external_id ON record (grp, external_id);
CREATE UNIQUE INDEX IF NOT EXISTS record_name ON record (grp, name)
    WHERE grp IN ('item', 'entity');
CREATE INDEX IF NOT EXISTS record_called ON record (grp, name);
CREATE INDEX IF NOT EXISTS record_modified ON record (grp, modified_local);
CREATE TABLE IF NOT EXISTS creation (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, grp TEXT NOT NULL, id INTEGER NOT NULL,
    type TEXT NOT NULL, external_id TEXT, time TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS creation_id ON creation (grp, id);
CREATE INDEX IF NOT EXISTS creation_external_id ON creation (grp, external_id);
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class DuplicateExternalId(Exception):
    """Another record of the group has this external id."""


class DuplicateName(Exception):
    """Another record of the group has this name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record as it is held."""

    type: str
    group: str
    id: int
    external_id: str | None
    name: str
    body: dict[str, Any]
    created: str
    modified: str


class Store:
    """All records of the account, used by one thread at a time; its indexes keep ids unique."""

    def __init__(self, database: str, *, account: Account) -> None:
        self._account = account
        self._db = sqlite3.connect(
            database, uri=True, isolation_level=None, check_same_thread=False
        )
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        # What a killed process wrote survives; only a crash of the machine could lose the tail.
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.executescript(_SCHEMA)

    def create(
        self,
        *,
        type: str,
        group: str,
        external_id: str | None,
        name: str | None,
        number_prefix: str = "",
        body: dict[str, Any],
        now: datetime,
        id: int | None = None,
    ) -> Record:
        """Add a record under the group's next internal id, or under the one given.

        Without a name it is called by its number: the prefix and its id.

        :raises DuplicateExternalId: when the group has the external id.
        :raises DuplicateName: when the group has the name (or the id), and may have it once.
        """
        with self._transaction():
            internal_id = self._next_id(group) if id is None else id
            known = name or f"{number_prefix}{internal_id}"
            local = account_date(self._account.local(now))
            row = (group, internal_id, type, external_id, known, _dumps(body))
            moment = _moment(now)
            times = (moment, moment, local, local)
            self._write(
                "INSERT INTO record (grp, id, type, external_id, name, body, created, modified,"
                " created_local, modified_local) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*row, *times),
            )
            self._db.execute(
                "INSERT INTO creation (grp, id, type, external_id, time) VALUES (?, ?, ?, ?, ?)",
                (group, internal_id, type, external_id, moment),
            )
        created = self.by_id(group, internal_id)
        assert created is not None
        return created

    def save(self, record: Record, *, now: datetime) -> None:
        """Write a changed record back.

        :raises DuplicateExternalId: when another record of the group has its external id.
        :raises DuplicateName: when another record of the group has its name.
        """
        local = account_date(self._account.local(now))
        self._write(
            "UPDATE record SET external_id = ?, name = ?, body = ?, modified = ?,"
            " modified_local = ? WHERE grp = ? AND id = ?",
            (
                record.external_id,
                record.name,
                _dumps(record.body),
                _moment(now),
                local,
                record.group,
                record.id,
            ),
        )

    def delete(self, record: Record) -> None:
        """Take a record away; that it was created stays known."""
        self._db.execute("DELETE FROM record WHERE grp = ? AND id = ?", (record.group, record.id))

    def by_id(self, group: str, internal_id: int) -> Record | None:
        """Return the record of a group with this internal id."""
        return self._one("id", group, internal_id)

    def by_external_id(self, group: str, external_id: str) -> Record | None:
        """Return the record of a group with this external id."""
        return self._one("external_id", group, external_id)

    def by_name(self, group: str, name: str) -> Record | None:
        """Return the first record of a group with this name."""
        return self._one("name", group, name)

    def page(self, *, type: str | None, after: int, limit: int) -> list[tuple[int, int, Record]]:
        """Return sequence number, number of creations under its external id, and record."""
        rows = self._db.execute(
            "SELECT r.*, (SELECT count(*) FROM creation c WHERE c.grp = r.grp"
            " AND c.external_id = r.external_id) AS creations FROM record r"
            " WHERE r.seq > ? AND (? IS NULL OR r.type = ?) ORDER BY r.seq LIMIT ?",
            (after, type, type, limit),
        )
        return [(row["seq"], row["creations"], _record(row)) for row in rows]

    def latest(self, group: str, *, limit: int) -> list[Record]:
        """Return the records of a group that were created last, newest first."""
        rows = self._db.execute(
            "SELECT * FROM record WHERE grp = ? ORDER BY seq DESC LIMIT ?", (group, limit)
        )
        return [_record(row) for row in rows]

    def counts(self) -> dict[str, int]:
        """Return how many records there are of each type."""
        rows = self._db.execute("SELECT type, count(*) AS n FROM record GROUP BY type ORDER BY 1")
        return {row["type"]: row["n"] for row in rows}

    def setting(self, name: str) -> str | None:
        """Return a setting that was put."""
        row = self._db.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row["value"])

    def put_setting(self, name: str, value: str) -> None:
        """Keep a setting; an empty value is none."""
        self._db.execute(
            "INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", (name, value)
        )

    def close(self) -> None:
        """Release the database."""
        self._db.close()

    def _one(self, column: str, group: str, value: object) -> Record | None:
        # The column is one of three words of this file, never of a request's text.
        row = self._db.execute(
            f"SELECT * FROM record WHERE grp = ? AND {column} = ? ORDER BY seq",  # noqa: S608
            (group, value),
        ).fetchone()
        return None if row is None else _record(row)

    def _next_id(self, group: str) -> int:
        row = self._db.execute(
            "SELECT max(id) AS last FROM creation WHERE grp = ?", (group,)
        ).fetchone()
        return max(_FIRST_ID, row["last"] or 0) + 1

    def _write(self, statement: str, values: tuple[object, ...]) -> None:
        try:
            self._db.execute(statement, values)
        except sqlite3.IntegrityError as error:
            if "record.external_id" in str(error):
                raise DuplicateExternalId from error
            raise DuplicateName from error

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")


def _record(row: sqlite3.Row) -> Record:
    return Record(
        type=row["type"],
        group=row["grp"],
        id=row["id"],
        external_id=row["external_id"],
        name=row["name"],
        body=json.loads(row["body"], parse_float=Decimal),
        created=row["created"],
        modified=row["modified"],
    )


def _moment(now: datetime) -> str:
    return now.astimezone(UTC).isoformat(timespec="microseconds")


def _dumps(body: dict[str, Any]) -> str:
    return json.dumps(body, default=plain_number, ensure_ascii=False)


def plain_number(value: object) -> float | int:
    """Return a decimal as JSON writes it: whole where it is whole.

    :raises TypeError: when it is no decimal.
    """
    if not isinstance(value, Decimal):
        raise TypeError(f"{type(value).__name__} has no place in a record.")
    return int(value) if value == value.to_integral_value() else float(value)

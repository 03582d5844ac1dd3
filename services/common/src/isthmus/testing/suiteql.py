"""SuiteQL on items in memory, by SQLite: as much of it as the feeds ask for."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Final

from isthmus.core.errors import Rejected
from isthmus.netsuite.suiteql import Row

MASK: Final = "YYYY-MM-DD HH24:MI:SS"
_FETCH: Final = re.compile(r"FETCH FIRST (\d+) ROWS ONLY$")
_TABLE: Final = """CREATE TABLE item (id INTEGER, itemid TEXT, externalid TEXT,
    displayname TEXT, itemtype TEXT, isinactive TEXT, lastmodifieddate TEXT)"""


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An item as the table ``item`` has it; moments in the account's own clock."""

    id: int
    itemid: str
    externalid: str | None
    displayname: str | None
    itemtype: str
    isinactive: str
    lastmodifieddate: str


def queried(
    query: str, params: Sequence[str], *, items: Iterable[ItemRow], local_now: datetime
) -> list[Row]:
    """Return the rows of a query over the tables ``item`` and ``dual``, all values as text.

    :raises Rejected: the query is not understood.
    """
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute(_TABLE)
        database.executemany(
            "INSERT INTO item VALUES (?, ?, ?, ?, ?, ?, ?)", [astuple(item) for item in items]
        )
        database.execute("CREATE TABLE dual AS SELECT 'X' AS dummy")
        database.create_function("to_char", 2, _as_it_is)
        database.create_function("to_date", 2, _as_it_is)
        database.create_function("sysdate", 0, lambda: written(local_now))
        return _rows(database, query, params)


def written(local: datetime) -> str:
    """Return a moment as the table holds it."""
    return local.strftime("%Y-%m-%d %H:%M:%S")


def _rows(database: sqlite3.Connection, query: str, params: Sequence[str]) -> list[Row]:
    translated = _FETCH.sub(r"LIMIT \1", query.strip()).replace("SYSDATE", "sysdate()")
    try:
        cursor = database.execute(translated, params)
    except sqlite3.Error as error:
        raise Rejected(f"NetSuite on suiteql: {error}", reason_class="invalid-request") from error
    names = [str(column[0]).lower() for column in cursor.description]
    return [
        {name: str(value) for name, value in zip(names, values, strict=True) if value is not None}
        for values in cursor
    ]


def _as_it_is(text: str, mask: str) -> str:
    if mask != MASK:
        raise ValueError(f"only the mask {MASK} is known here")
    return text

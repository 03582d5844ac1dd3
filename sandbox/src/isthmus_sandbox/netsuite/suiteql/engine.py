"""Runs translated queries on the store, read-only, each within a bound."""

from __future__ import annotations

import random
import re
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

from isthmus_sandbox.clock import Clock
from isthmus_sandbox.netsuite.account import Account
from isthmus_sandbox.netsuite.records.catalog import RecordType
from isthmus_sandbox.netsuite.suiteql.dialect import translated
from isthmus_sandbox.netsuite.suiteql.tokens import BadQuery
from isthmus_sandbox.netsuite.suiteql.values import account_date, to_char, to_date, written
from isthmus_sandbox.netsuite.suiteql.views import TABLES, view_statements

ROWS_MAX: Final = 100_000
_STEPS_MAX: Final = 50_000_000
_STEP: Final = 100_000
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_UNKNOWN: Final = re.compile(r"no such (table|column): (?:main\.)?(\S+)")
_READING: Final = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """All rows of a query: texts by lower-case column name, nulls left out."""

    rows: Sequence[Mapping[str, str]]


class QueryEngine:
    """One read-only connection to the store, which sees the views alone."""

    def __init__(
        self,
        database: str,
        *,
        account: Account,
        types: Mapping[str, RecordType],
        clock: Clock,
        seed: int,
    ) -> None:
        self._account = account
        self._clock = clock
        self._chance = random.Random(seed)
        self._steps = 0
        self._db = sqlite3.connect(
            database, uri=True, isolation_level=None, check_same_thread=False
        )
        self._register_functions()
        for statement in view_statements(types, account.custom_fields):
            self._db.execute(statement)
        self._db.execute("PRAGMA case_sensitive_like=ON")
        self._db.execute("PRAGMA query_only=ON")
        self._db.set_progress_handler(self._count_steps, _STEP)
        self._db.set_authorizer(_authorize)

    def run(self, query: str, parameters: Sequence[object]) -> Rows:
        """Return the rows of a query, at most 100,000.

        Rows that the query does not order come in another order each time, as they may.

        :raises BadQuery: when it is not understood, or takes too long.
        """
        translation = translated(query, parameters)
        self._steps = 0
        try:
            cursor = self._db.execute(translation.statement, translation.parameters)
            found = cursor.fetchmany(ROWS_MAX)
        except (sqlite3.Error, ValueError, OverflowError) as error:
            raise BadQuery(_explained(error)) from error
        if not translation.ordered:
            self._chance.shuffle(found)
        names = [_column(name, index) for index, (name, *_) in enumerate(cursor.description)]
        return Rows(rows=[_row(names, values) for values in found])

    def close(self) -> None:
        """Release the connection."""
        self._db.close()

    def _register_functions(self) -> None:
        self._db.create_function("to_char", 2, to_char, deterministic=True)
        self._db.create_function("to_date", 2, to_date, deterministic=True)
        self._db.create_function("concat", 2, _concat, deterministic=True)
        self._db.create_function("sysdate", 0, self._sysdate)
        self._db.create_function("account_moment", 1, self._moment, deterministic=True)

    def _sysdate(self) -> str:
        return account_date(self._account.local(self._clock.now()))

    def _moment(self, text: str | None) -> str | None:
        """A date stays what it is; a moment is shown by the account's clock."""
        if not text:
            return None
        if len(text) == len("2026-11-23"):
            return account_date(datetime.combine(date.fromisoformat(text), time()))
        return account_date(self._account.local(datetime.fromisoformat(text)))

    def _count_steps(self) -> bool:
        self._steps += _STEP
        return self._steps > _STEPS_MAX


def _authorize(
    action: int, first: str | None, second: str | None, _schema: str | None, view: str | None
) -> int:
    if action not in _READING:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_READ and first not in TABLES and view not in TABLES:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _explained(error: Exception) -> str:
    text = str(error)
    unknown = _UNKNOWN.search(text)
    if unknown is not None:
        what = "Record" if unknown[1] == "table" else "Field"
        return f"{what} '{unknown[2]}' was not found."
    if "prohibited" in text or "authorized" in text:
        return "Record was not found."
    if "interrupted" in text:
        return "The query took too long."
    return f"Invalid or unsupported search ({text})."


def _column(name: str, index: int) -> str:
    return name.lower() if _NAME.fullmatch(name) else f"expr{index + 1}"


def _row(names: Sequence[str], values: Sequence[object]) -> dict[str, str]:
    texts = ((name, written(value)) for name, value in zip(names, values, strict=True))
    return {name: text for name, text in texts if text is not None}


def _concat(first: object, second: object) -> str:
    return f"{'' if first is None else first}{'' if second is None else second}"

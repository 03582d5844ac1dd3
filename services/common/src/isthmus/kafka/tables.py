"""Compacted topics as tables: a SQLite file each, a cache that can be thrown away at any time."""

from __future__ import annotations

import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec

CACHED_MAX: Final = 10_000
SCHEMA: Final = """
CREATE TABLE row (key TEXT PRIMARY KEY, place TEXT, value BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX row_place ON row (place) WHERE place IS NOT NULL;
"""

Decode = Callable[[str, bytes | None], msgspec.Struct]


class Kind(StrEnum):
    """How much of the topic a table holds."""

    GLOBAL = "global"  # all partitions, in every process
    LOCAL = "local"  # the partition with the number of the input partition


@dataclass(frozen=True, slots=True)
class TableSpec:
    """A table that a workload reads, and may write: a write is an output to its topic.

    :param index: gives each row a second key, by which :meth:`TopicTable.find` finds it.
    """

    topic: str
    kind: Kind
    index: Callable[[str, msgspec.Struct], str | None] | None = None


class TopicTable:
    """One table. Read by handlers on any thread, written by the loop alone."""

    def __init__(self, spec: TableSpec, *, path: Path | None, decode: Decode) -> None:
        self.spec = spec
        self._decode = decode
        self._lock = threading.Lock()
        self._ours: dict[str, bytes | None] = {}
        self._cached: OrderedDict[str, msgspec.Struct | None] = OrderedDict()
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
        self._db = sqlite3.connect(path or ":memory:", check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = OFF")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.executescript(SCHEMA)

    def get(self, key: str) -> msgspec.Struct | None:
        """Return the last value of the key."""
        with self._lock:
            if key in self._cached:
                return self._cached[key]
            value = self._ours[key] if key in self._ours else self._stored(key)
            return self._remember(key, value)

    def find(self, index: str) -> tuple[msgspec.Struct, ...]:
        """Return the values whose index equals this one, by key."""
        with self._lock:
            rows = self._db.execute(
                "SELECT key FROM row WHERE place = ? ORDER BY key", (index,)
            ).fetchall()
        found = (self.get(key) for (key,) in rows)
        return tuple(value for value in found if value is not None)

    def apply(self, records: Iterable[tuple[str, bytes | None]]) -> None:
        """Take in what the topic says; a value of none deletes."""
        with self._lock:
            for key, value in records:
                self._cached.pop(key, None)
                if self._ours.get(key, b"") == value:
                    del self._ours[key]
                self._store(key, value)
            self._db.commit()

    def write(self, key: str, value: bytes | None) -> None:
        """Show our own write at once; the topic brings it back, and then it is stored."""
        with self._lock:
            self._ours[key] = value
            self._cached.pop(key, None)

    def __len__(self) -> int:
        """Count the rows."""
        with self._lock:
            (rows,) = self._db.execute("SELECT count(*) FROM row").fetchone()
            return int(rows)

    def close(self) -> None:
        """Let the file go."""
        with self._lock:
            self._db.close()

    def _stored(self, key: str) -> bytes | None:
        row = self._db.execute("SELECT value FROM row WHERE key = ?", (key,)).fetchone()
        return None if row is None else row[0]

    def _remember(self, key: str, value: bytes | None) -> msgspec.Struct | None:
        decoded = None if value is None else self._decode(self.spec.topic, value)
        self._cached[key] = decoded
        if len(self._cached) > CACHED_MAX:
            self._cached.popitem(last=False)
        return decoded

    def _store(self, key: str, value: bytes | None) -> None:
        if value is None:
            self._db.execute("DELETE FROM row WHERE key = ?", (key,))
            return
        place = None
        if self.spec.index is not None:
            place = self.spec.index(key, self._decode(self.spec.topic, value))
        self._db.execute("INSERT OR REPLACE INTO row VALUES (?, ?, ?)", (key, place, value))

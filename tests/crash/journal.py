"""The outside: a database that has each effect once, by its name, and counts every request."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS effect (
    place INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, key TEXT, n INTEGER, pid INTEGER);
CREATE TABLE IF NOT EXISTS request (
    place INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, created INTEGER, pid INTEGER);
CREATE TABLE IF NOT EXISTS failure (
    place INTEGER PRIMARY KEY AUTOINCREMENT, workload TEXT, name TEXT, at_ms INTEGER,
    delivery TEXT, UNIQUE (workload, name, delivery));
"""


@dataclass(frozen=True)
class Effect:
    """What happened outside, in the order in which it happened."""

    place: int
    name: str
    key: str
    n: int


class Journal:
    """One connection to it; each process and thread has its own."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, timeout=20, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.executescript(SCHEMA)

    def request(self, name: str, key: str, n: int, pid: int) -> bool:
        """Have an effect, unless it is there; tell whether it was this request that had it."""
        self._db.execute("BEGIN IMMEDIATE")
        done = self._db.execute(
            "INSERT INTO effect (name, key, n, pid) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (name, key, n, pid),
        )
        created = done.rowcount == 1
        self._db.execute(
            "INSERT INTO request (name, created, pid) VALUES (?, ?, ?)", (name, created, pid)
        )
        self._db.execute("COMMIT")
        return created

    def fail(self, workload: str, name: str, at_ms: int, *, delivery: str, most: int) -> bool:
        """Note a failure unless there were enough; tell whether there is to be one.

        :param delivery: which try of the record this is. A try that died before its failure was
            written down is run again, and must come to the same end.
        """
        self._db.execute("BEGIN IMMEDIATE")
        before = {
            one
            for (one,) in self._db.execute(
                "SELECT delivery FROM failure WHERE workload = ? AND name = ?", (workload, name)
            )
        }
        if len(before) < most and delivery not in before:
            self._db.execute(
                "INSERT INTO failure (workload, name, at_ms, delivery) VALUES (?, ?, ?, ?)",
                (workload, name, at_ms, delivery),
            )
        self._db.execute("COMMIT")
        return delivery in before or len(before) < most

    def effects(self) -> list[Effect]:
        """Return all effects in their order."""
        rows = self._db.execute("SELECT place, name, key, n FROM effect ORDER BY place")
        return [Effect(*row) for row in rows]

    def requests(self) -> tuple[int, int]:
        """Count the requests, and those that found their effect there already."""
        row = self._db.execute("SELECT count(*), sum(1 - created) FROM request").fetchone()
        return int(row[0]), int(row[1] or 0)

    def failures(self) -> dict[tuple[str, str], list[int]]:
        """Return when each record failed on purpose, by workload and name."""
        found: dict[tuple[str, str], list[int]] = {}
        for workload, name, at_ms in self._db.execute(
            "SELECT workload, name, at_ms FROM failure ORDER BY place"
        ):
            found.setdefault((workload, name), []).append(at_ms)
        return found

    def close(self) -> None:
        """Let the file go."""
        self._db.close()

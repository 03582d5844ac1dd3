from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from isthmus_sandbox.journal import Journal

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def journal() -> Iterator[Journal]:
    journal = Journal(None)
    yield journal
    journal.close()


class TestJournal:
    def test_keeps_all_of_an_entry(self, journal: Journal) -> None:
        number = journal.append(
            time=NOON.astimezone(timezone(timedelta(hours=9))),
            operation="getOrder",
            key="111",
            status=200,
            effect="seen",
            fault="slow",
            detail={"city": "千代田区"},
        )

        assert journal.read() == [
            {
                "seq": number,
                "time": "2026-11-23T12:00:00.000000+00:00",
                "operation": "getOrder",
                "key": "111",
                "status": 200,
                "effect": "seen",
                "fault": "slow",
                "detail": {"city": "千代田区"},
            }
        ]

    def test_is_read_page_by_page(self, journal: Journal) -> None:
        for status in (200, 201, 202):
            journal.append(time=NOON, operation="o", key=None, status=status)

        first = journal.read(limit=2)
        rest = journal.read(after=2)

        assert [entry["status"] for entry in first] == [200, 201]
        assert [entry["status"] for entry in rest] == [202]

    def test_counts_by_columns(self, journal: Journal) -> None:
        for operation, status in (("a", 200), ("a", 200), ("b", 429)):
            journal.append(time=NOON, operation=operation, key=None, status=status)

        assert journal.count_by("operation", "status") == [
            {"operation": "a", "status": 200, "count": 2},
            {"operation": "b", "status": 429, "count": 1},
        ]
        assert journal.count_by() == [{"count": 3}]

    def test_outlives_the_process(self, tmp_path: Path) -> None:
        path = tmp_path / "journal.sqlite"
        first = Journal(path)
        first.append(time=NOON, operation="o", key=None, status=200)
        first.close()

        second = Journal(path)
        second.append(time=NOON, operation="o", key=None, status=201)

        assert [(entry["seq"], entry["status"]) for entry in second.read()] == [(1, 200), (2, 201)]
        second.close()

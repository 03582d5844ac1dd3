"""Rows of text, page by page; and NetSuite's time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime

import httpx
import pytest

from isthmus.core.errors import Rejected, Retryable
from isthmus.netsuite.suiteql import Row, keyset_pages
from tests.unit.common.netsuite.parts import INTENT, complaint, wire


class TestRows:
    def test_returns_rows_of_text_without_links(self) -> None:
        items = [{"links": [], "id": "1", "itemid": "SKU-1"}, {"links": [], "id": 2}]
        end = wire(httpx.Response(200, json={"items": items, "hasMore": False}))

        rows = end.client().suiteql.rows("SELECT id FROM item", ["a"], intent=INTENT, limit=2)

        assert list(rows) == [{"id": "1", "itemid": "SKU-1"}, {"id": "2"}]
        [sent] = end.sent
        assert json.loads(sent.content) == {"q": "SELECT id FROM item", "params": ["a"]}
        assert sent.headers["Prefer"] == "transient"
        assert dict(sent.url.params) == {"limit": "2", "offset": "0"}

    @pytest.mark.parametrize(
        "answer",
        [
            httpx.Response(200, text="<html>"),
            httpx.Response(200, json={"count": 0}),
            httpx.Response(200, json={"items": None}),
            httpx.Response(200, json={"items": [7]}),
            httpx.Response(502, text="<html>Bad Gateway</html>"),
        ],
    )
    def test_never_takes_another_answer_for_no_rows(self, answer: httpx.Response) -> None:
        with pytest.raises(Retryable):
            wire(answer).client().suiteql.rows("SELECT id FROM item", intent=INTENT)

    def test_says_when_the_query_is_not_understood(self) -> None:
        end = wire(complaint(400, "INVALID_PARAMETER", "Invalid search query."))

        with pytest.raises(Rejected):
            end.client().suiteql.rows("SELEC", intent=INTENT)


def numbered(last: int) -> list[Row]:
    return [{"id": str(number)} for number in range(1, last + 1)]


def pages_of(rows: Sequence[Row], *, size: int = 2, pages_max: int = 9) -> list[list[str]]:
    def page(behind: int) -> Sequence[Row]:
        return [row for row in rows if int(row["id"]) > behind][:size]

    found = keyset_pages(
        page, start=0, key=lambda row: int(row["id"]), size=size, pages_max=pages_max
    )
    return [[row["id"] for row in one] for one in found]


class TestKeysetPages:
    @pytest.mark.parametrize(
        ("last", "pages"),
        [
            (0, []),
            (1, [["1"]]),
            (2, [["1", "2"]]),
            (5, [["1", "2"], ["3", "4"], ["5"]]),
        ],
    )
    def test_reads_to_the_end(self, last: int, pages: list[list[str]]) -> None:
        assert pages_of(numbered(last)) == pages

    def test_stops_at_its_bound(self) -> None:
        with pytest.raises(Retryable, match="more than 2 pages"):
            pages_of(numbered(9), pages_max=2)

    def test_stops_when_the_key_stands_still(self) -> None:
        same: list[Row] = [{"id": "1"}, {"id": "1"}]

        with pytest.raises(Retryable, match="not ordered"):
            list(
                keyset_pages(
                    lambda _: same, start=0, key=lambda r: int(r["id"]), size=2, pages_max=9
                )
            )


class TestServerTime:
    def test_is_in_utc(self) -> None:
        end = wire(httpx.Response(200, json={"serverTime": "2026-11-27T16:21:00.000Z"}))

        time = end.client().system.server_time(intent=INTENT)

        assert time == datetime(2026, 11, 27, 16, 21, tzinfo=UTC)

    @pytest.mark.parametrize("body", [{}, {"serverTime": None}, {"serverTime": "noon"}, []])
    def test_is_never_guessed(self, body: object) -> None:
        with pytest.raises(Retryable):
            wire(httpx.Response(200, json=body)).client().system.server_time(intent=INTENT)

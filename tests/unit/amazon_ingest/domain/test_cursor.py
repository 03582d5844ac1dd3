"""How far a sweep has come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from isthmus.core.errors import Rejected
from isthmus_amazon_ingest.domain.cursor import Cursor, read_cursor

START = datetime(2026, 11, 27, 7, 0, tzinfo=UTC)
OVERLAP = timedelta(minutes=5)


def minutes(count: float) -> datetime:
    return START + timedelta(minutes=count)


def turned(
    cursor: Cursor,
    *,
    next_token: str | None = None,
    before: datetime | None = None,
    told: dict[str, datetime] | None = None,
    seen_max: int = 100,
) -> Cursor:
    return cursor.turned(
        since=cursor.since or cursor.after - OVERLAP,
        next_token=next_token,
        before=before,
        told=told or {},
        overlap=OVERLAP,
        seen_max=seen_max,
    )


class TestCursor:
    def test_stays_before_the_window_until_its_last_page(self) -> None:
        first = turned(Cursor(after=START), next_token="a", before=minutes(10))
        second = turned(first, next_token="b", before=minutes(10))

        assert (second.after, second.since, second.token) == (START, START - OVERLAP, "b")

    def test_moves_to_the_echoed_bound_with_the_last_page(self) -> None:
        first = turned(Cursor(after=START), next_token="a", before=minutes(10))

        assert turned(first) == Cursor(after=minutes(10))

    def test_keeps_the_bound_of_the_first_page(self) -> None:
        first = turned(Cursor(after=START), next_token="a", before=minutes(10))

        assert turned(first, before=minutes(11)).after == minutes(10)

    def test_does_not_move_without_an_echo(self) -> None:
        assert turned(Cursor(after=START)).after == START

    def test_never_moves_back(self) -> None:
        assert turned(Cursor(after=START), before=minutes(-10)).after == START

    def test_remembers_what_the_next_window_may_show_again(self) -> None:
        told = {"old": minutes(4.9), "edge": minutes(5), "new": minutes(9)}

        cursor = turned(Cursor(after=START), before=minutes(10), told=told)

        assert set(cursor.seen) == {"edge", "new"}

    def test_remembers_the_newest_when_there_are_too_many(self) -> None:
        told = {f"order-{n}": minutes(9 + n / 100) for n in range(50)}

        cursor = turned(Cursor(after=START), before=minutes(10), told=told, seen_max=2)

        assert set(cursor.seen) == {"order-49", "order-48"}

    def test_goes_back_to_the_beginning_of_its_window(self) -> None:
        first = turned(
            Cursor(after=START), next_token="a", before=minutes(10), told={"order": minutes(9)}
        )

        assert first.restarted() == Cursor(after=START, seen={"order": minutes(9)})

    def test_is_read_as_it_was_written(self) -> None:
        cursor = turned(
            Cursor(after=START), next_token="a", before=minutes(10), told={"order": minutes(9)}
        )

        assert read_cursor(cursor.text()) == cursor

    @pytest.mark.parametrize("text", ["", "{}", "[]", '{"after": "yesterday"}', '{"after": 1.5e9'])
    def test_is_refused_when_it_is_none(self, text: str) -> None:
        with pytest.raises(Rejected, match="Remedy: delete it") as refusal:
            read_cursor(text)

        assert refusal.value.reason_class == "unreadable-cursor"

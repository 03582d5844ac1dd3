"""A window commits what is done, over gaps and out of order, and never more."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from isthmus.kafka.done_map import Progress
from isthmus.kafka.window import Bounds, Window


def window(*offsets: int, committed: int = 0) -> Window[str]:
    made: Window[str] = Window(committed=committed)
    for offset in offsets:
        made.receive(offset, f"r{offset}", 10)
    return made


def progress(one: Window[str]) -> Progress:
    return one.progress(lives=0, suspect=None, token="")


class TestWindow:
    def test_commits_to_the_first_record_that_is_not_done(self) -> None:
        one = window(0, 1, 2)

        one.finish(0)
        one.finish(2)

        assert progress(one) == Progress(1, frozenset({2}))

    def test_does_not_wait_for_a_gap(self) -> None:
        one = window(0, 1, 2, 4, 5, 6)  # 3 is the marker of a transaction

        for offset in (0, 1, 2, 4, 5, 6):
            one.finish(offset)

        assert progress(one) == Progress(7)

    def test_begins_where_the_log_begins(self) -> None:
        one = window(1000, committed=0)

        one.finish(1000)

        assert progress(one).offset == 1001

    def test_keeps_what_was_done_ahead_until_it_is_reached(self) -> None:
        one: Window[str] = Window(committed=5, done=frozenset({5, 7}))

        assert progress(one) == Progress(5, frozenset({5, 7}))
        assert not one.is_news(5)
        assert one.is_news(6)

    def test_commits_what_was_done_when_it_came(self) -> None:
        one = window(0)

        one.receive_done(1)
        one.receive_done(3)

        assert progress(one) == Progress(0, frozenset({1, 3}))

    def test_needs_no_map_where_all_was_done_when_it_came(self) -> None:
        one = window(committed=5)

        one.receive_done(5)

        assert progress(one) == Progress(6)

    def test_passes_over_markers_at_the_end(self) -> None:
        one = window(0)
        one.finish(0)

        one.pass_over(2)

        assert progress(one).offset == 2

    def test_is_full_by_span_although_little_is_left(self) -> None:
        one = window(0, 1, 2, 3)
        for offset in (1, 2, 3):
            one.finish(offset)

        assert one.is_full(Bounds(span=4))
        assert not one.is_full(Bounds(span=5))

    def test_is_full_by_records_and_by_bytes(self) -> None:
        one = window(0, 1)

        assert one.is_full(Bounds(records=2))
        assert one.is_full(Bounds(nbytes=20))
        assert not one.is_full(Bounds(records=3, nbytes=21))

    def test_has_room_again_below_half(self) -> None:
        one = window(0, 1, 2, 3)
        bounds = Bounds(records=4)
        one.finish(0)
        assert not one.has_room(bounds)

        one.finish(1)

        assert one.has_room(bounds)


@given(st.permutations(range(12)), st.integers(0, 12))
def test_never_commits_beyond_what_is_done(order: list[int], finished: int) -> None:
    one = window(*range(12))

    for offset in order[:finished]:
        one.finish(offset)

    done = set(order[:finished])
    told = progress(one)
    assert set(range(told.offset)) <= done
    assert told.done == frozenset(offset for offset in done if offset >= told.offset)

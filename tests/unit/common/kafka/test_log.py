"""A record that kills the process is found by the lives that end on it."""

from __future__ import annotations

from isthmus.kafka.done_map import Progress
from isthmus.kafka.item import Item, Origin
from isthmus.kafka.log import Log


def an_item(offset: int) -> Item:
    return Item(Origin("t", 0, offset), offset, b"k", b"v", [], 0)


def life(progress: Progress, *offsets: int) -> Log:
    """Begin a life on the commit of the last one, and read some records."""
    log = Log.resume(progress)
    for offset in offsets:
        log.window.receive(offset, an_item(offset), 1)
    return log


class TestLog:
    def test_needs_care_from_the_third_life_without_progress(self) -> None:
        progress = Progress(5)
        cared = []

        for _ in range(3):
            log = life(progress, 5)
            cared.append(log.needs_care)
            progress = log.progress("t")  # that a life began is committed, then it is killed

        assert cared == [False, False, True]

    def test_is_trusted_with_records_that_were_not_received_until_it_needs_care(self) -> None:
        trusted = [Log.resume(Progress(5, lives=lives)).is_trusted for lives in range(4)]

        assert trusted == [True, True, False, False]

    def test_is_not_trusted_while_a_record_is_suspected(self) -> None:
        assert not Log.resume(Progress(5, suspect=5)).is_trusted

    def test_needs_none_where_nothing_waits(self) -> None:
        assert not life(Progress(5, lives=9)).needs_care

    def test_forgives_the_lives_before_when_it_moves_the_offset(self) -> None:
        log = life(Progress(5, lives=7), 5)

        log.window.finish(5)

        assert log.progress("t").lives == 0

    def test_does_not_forgive_for_what_is_done_behind_the_first(self) -> None:
        log = life(Progress(5, lives=7), 5, 6)

        log.window.finish(6)

        assert log.progress("t").lives == 8

    def test_forgives_a_life_that_ends_in_good_order(self) -> None:
        log = life(Progress(5, lives=1), 5)

        log.ends_well()

        assert log.progress("t").lives == 0

    def test_names_the_suspect_in_the_commit_and_accuses_it_in_the_next_life(self) -> None:
        log = life(Progress(5, lives=2), 5)
        log.suspect = 5

        following = Log.resume(log.progress("t"))

        assert following.suspected == 5
        assert following.needs_care

    def test_clears_the_accused_once_it_is_past(self) -> None:
        log = life(Progress(5, lives=3, suspect=5), 5)
        log.window.finish(5)

        log.committed()

        assert log.suspected is None

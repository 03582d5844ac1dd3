from __future__ import annotations

from collections.abc import Iterator

import pytest
from confluent_kafka import OFFSET_INVALID

from .conftest import SUBJECTS, opened
from .errors import abortable, fatal
from .time_limits import Aftermath


@pytest.fixture(scope="module", params=SUBJECTS)
def aftermath(request: pytest.FixtureRequest) -> Iterator[Aftermath]:
    """What became of all clients at their limits; one wait serves all tests."""
    for subject in opened(request):
        yield Aftermath(subject)


class TestAnIdleTransaction:
    def test_is_aborted_by_the_broker(self, aftermath: Aftermath) -> None:
        assert b"idle" not in aftermath.idle.visible
        assert aftermath.idle.offset == OFFSET_INVALID

    def test_has_cost_its_producer_the_right_to_write(self, aftermath: Aftermath) -> None:
        assert aftermath.idle.raised_at_commit == fatal("_FENCED")

    def test_runs_from_its_first_record_and_not_from_its_begin(self, aftermath: Aftermath) -> None:
        assert aftermath.idle.visible == [b"late"]


class TestADeadMember:
    def test_keeps_its_partitions_until_its_session_is_over(self, aftermath: Aftermath) -> None:
        assert aftermath.killed.owned_early == 1
        assert aftermath.killed_static.owned_early == 1

    def test_is_then_succeeded_by_the_rest(self, aftermath: Aftermath) -> None:
        for group in (aftermath.killed, aftermath.killed_static):
            assert group.rest.calls == ["assign", "revoke", "assign", "revoke", "assign"]

    def test_of_a_static_name_halts_a_newcomer_and_all_others(self, aftermath: Aftermath) -> None:
        assert aftermath.scale_out.owned_early == (0, 0)
        assert aftermath.scale_out.lives.calls[-2:] == ["revoke", "assign"]
        assert aftermath.scale_out.newcomer.calls == ["assign"]


class TestAStoppedMember:
    def test_has_lost_its_partitions_when_it_wakes_and_joins_again(
        self, aftermath: Aftermath
    ) -> None:
        assert aftermath.stopped.dying.calls() == ["assign", "lose", "assign"]


class TestAMemberThatDoesNotPoll:
    def test_has_lost_its_partitions_and_joins_again(self, aftermath: Aftermath) -> None:
        for late in (aftermath.late, aftermath.late_static):
            assert late.member.calls == ["assign", "lose", "assign"]
            assert late.member.events_named("_MAX_POLL_EXCEEDED")

    def test_has_left_its_group_if_it_is_dynamic(self, aftermath: Aftermath) -> None:
        assert aftermath.late.by_old_identity == abortable("UNKNOWN_MEMBER_ID")
        assert aftermath.late.by_new_identity == abortable("UNKNOWN_MEMBER_ID")

    def test_is_still_known_by_its_old_identity_if_it_is_static(self, aftermath: Aftermath) -> None:
        assert aftermath.late_static.by_old_identity is None
        assert aftermath.late_static.by_new_identity == abortable("FENCED_INSTANCE_ID")


class TestADrainInOnRevoke:
    def test_that_lasts_too_long_ends_in_an_older_generation(self, aftermath: Aftermath) -> None:
        assert aftermath.drain.outcome == abortable("ILLEGAL_GENERATION")

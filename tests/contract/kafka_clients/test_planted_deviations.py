"""The suite can fail: each deviation planted in the fake breaks a test that others rely on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from confluent_kafka import KafkaException

from isthmus.testing.cluster import consumer as consumer_room
from isthmus.testing.cluster import group as group_room
from isthmus.testing.cluster import offsets as offsets_room
from isthmus.testing.cluster import producer as producer_room
from isthmus.testing.cluster.fetcher import Fetcher
from isthmus.testing.cluster.group import Group, Member
from isthmus.testing.cluster.membership import Membership
from isthmus.testing.cluster.offsets import GroupOffsets
from isthmus.testing.cluster.outbox import Outbox
from isthmus.testing.cluster.partition_log import Outcome, PartitionLog, StoredRecord
from isthmus.testing.cluster.topics import Topic
from isthmus.testing.cluster.transactions import TransactionCoordinator

from . import test_delivery as delivery
from . import test_ends as ends
from . import test_fencing as fencing
from . import test_group as group
from . import test_group_offsets as group_offsets
from . import test_pause as pause
from . import test_reading as reading
from . import test_transactions as transactions
from .fake_subject import FakeSubject
from .time_limits import Aftermath


class Deviation(NamedTuple):
    """A behavior of the fake that is replaced, and the test that must notice."""

    owner: Any
    attribute: str
    replacement: Any
    notices: Callable[[Any], object]


def _does_nothing(*_: Any, **__: Any) -> None:
    """Replace a check or an act by nothing."""


def _always(value: Any) -> Callable[..., Any]:
    return lambda *_, **__: value


def _without_epoch(self: TransactionCoordinator, session: Any) -> Any:
    return self._identities[session.transactional_id]


def _finish_without_markers(
    self: TransactionCoordinator, identity: Any, outcome: Outcome, now: float
) -> None:
    if identity.transaction is not None:
        identity.transaction.outcome = outcome
        identity.logs = []
        _FINISH(self, identity, outcome, now)


def _start_without_time_out(
    self: TransactionCoordinator, name: str, timeout_s: float, now: float
) -> Any:
    return _START(self, name, float("inf"), now)


def _leave_even_if_static(self: Membership, now: float) -> None:
    self._leave(now)


def _forget_pauses(self: Fetcher, partitions: Any) -> None:
    self._readings, self._paused = {}, set()
    self.add(partitions)


def _all_to_the_first(candidates: Any, widths: Any) -> Any:
    everything = [(topic, number) for topic, width in widths.items() for number in range(width)]
    empty: dict[str, Any] = {each.member_id: [] for each in candidates}
    return empty | {candidates[0].member_id: everything}


def _stop_at_the_last_record(
    self: PartitionLog, offset: int, limit: int, *, committed_only: bool
) -> Any:
    found, _ = _READ(self, offset, limit, committed_only=committed_only)
    return found, found[-1].offset + 1 if found else offset


_START = TransactionCoordinator.start
_READ = PartitionLog.read
_FINISH = TransactionCoordinator._finish
a_transaction = transactions.TestATransaction()
a_successor = fencing.TestASuccessor()
committed_offsets = group_offsets.TestCommittedOffsets()
commits = group_offsets.TestACommitForAGroup()
static_member = group.TestAStaticMember()

DEVIATIONS = {
    "open records are stable": Deviation(
        PartitionLog,
        "last_stable_offset",
        property(lambda log: log.end_offset),
        a_transaction.test_hides_open_records_and_all_that_lies_behind_them,
    ),
    "aborted records are shown": Deviation(
        StoredRecord,
        "aborted",
        property(_always(False)),
        a_transaction.test_hides_aborted_records_for_ever_and_leaves_a_gap,
    ),
    "a transaction ends without markers": Deviation(
        TransactionCoordinator,
        "_finish",
        _finish_without_markers,
        a_transaction.test_shows_its_records_after_the_commit_and_ends_with_a_marker,
    ),
    "an epoch fences nobody": Deviation(
        TransactionCoordinator,
        "_owned",
        _without_epoch,
        a_successor.test_ends_the_predecessor_when_it_sends_offsets,
    ),
    "a transaction never times out": Deviation(
        TransactionCoordinator, "start", _start_without_time_out, Aftermath
    ),
    "an oversized record is taken by the topic": Deviation(
        Topic,
        "check",
        _does_nothing,
        delivery.TestARecordTooLarge().test_is_measured_to_the_byte_by_the_broker,
    ),
    "an oversized record is taken by the client": Deviation(
        producer_room,
        "client_bytes",
        _always(0),
        delivery.TestARecordTooLarge().test_is_refused_by_the_client_and_the_transaction_goes_on,
    ),
    "a keyless record is taken by a compacted topic": Deviation(
        Topic,
        "check",
        _does_nothing,
        delivery.TestACompactedTopic().test_refuses_a_record_without_a_key,
    ),
    "the queue has no limit": Deviation(
        Outbox,
        "check_room",
        _does_nothing,
        delivery.TestAFullQueue().test_refuses_until_reports_are_polled,
    ),
    "the generation does not count": Deviation(
        Group, "check_commit", _does_nothing, commits.test_is_refused_from_an_older_generation
    ),
    "metadata may be one byte longer": Deviation(
        offsets_room,
        "_METADATA_LIMIT",
        4096,
        committed_offsets.test_carry_4095_bytes_and_not_one_more,
    ),
    "pending offsets are stable": Deviation(
        GroupOffsets,
        "undecided",
        _always(False),
        group_offsets.TestPendingOffsets().test_delay_all_partitions_that_start_where_the_group_stands,
    ),
    "a static name is forgotten": Deviation(
        Group,
        "_static",
        _always(None),
        static_member.test_takes_its_partitions_back_and_nobody_else_notices,
    ),
    "a static member leaves at close": Deviation(
        Membership,
        "close",
        _leave_even_if_static,
        static_member.test_gives_up_at_close_but_does_not_leave,
    ),
    "the assignor is not range": Deviation(
        group_room,
        "assign",
        _all_to_the_first,
        group.TestAMember().test_gets_equal_numbers_of_topics_of_equal_width,
    ),
    "a session never ends": Deviation(
        Member, "session_deadline", property(_always(None)), Aftermath
    ),
    "nobody has to poll": Deviation(
        consumer_room.FakeConsumer, "next_deadline", _always(None), Aftermath
    ),
    "a new assignment lifts the pauses": Deviation(
        Fetcher, "assign", _forget_pauses, pause.TestAPause().test_survives_a_new_assignment
    ),
    "the position stays behind the markers": Deviation(
        PartitionLog,
        "read",
        _stop_at_the_last_record,
        reading.TestPosition().test_passes_markers_and_aborted_records,
    ),
    "the end of a partition is not told": Deviation(
        Fetcher,
        "_end_event",
        _always([]),
        ends.TestTheEndEvent().test_comes_after_the_last_record_and_not_again,
    ),
}


class TestTheSuite:
    @pytest.mark.parametrize("name", DEVIATIONS)
    def test_notices_that(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        deviation = DEVIATIONS[name]
        monkeypatch.setattr(deviation.owner, deviation.attribute, deviation.replacement)

        with pytest.raises((AssertionError, pytest.fail.Exception, KafkaException)):
            deviation.notices(FakeSubject())

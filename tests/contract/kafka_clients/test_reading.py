from __future__ import annotations

from confluent_kafka import OFFSET_BEGINNING, OFFSET_END, OFFSET_INVALID, TopicPartition

from .errors import Raised, raised_by
from .groups import commit
from .logs import offsets
from .member import Member
from .records import abort, fill
from .subject import Subject, consumer, idle, plain_producer, producer, until


def position(member: Member, topic: str, partition: int = 0) -> int:
    """Return the consumer's position."""
    return member.consumer.position([TopicPartition(topic, partition)])[0].offset


class TestPosition:
    def test_is_unknown_before_the_first_record(self, subject: Subject) -> None:
        topic = subject.create_topic()
        reader = Member(consumer(subject))

        assert position(reader, topic) == OFFSET_INVALID
        reader.read(TopicPartition(topic, 0, 0))
        assert position(reader, topic) == OFFSET_INVALID

    def test_follows_what_was_delivered(self, subject: Subject) -> None:
        topic = subject.create_topic()
        writer = plain_producer(subject)
        for value in (b"a", b"b", b"c"):
            writer.produce(topic, value, partition=0)
        writer.flush()
        reader = Member(consumer(subject)).read(TopicPartition(topic, 0, 0))

        while len(reader.records) < 2:
            reader.poll(0.1, limit=1)

        assert position(reader, topic) == 2

    def test_stays_unknown_at_an_empty_partition(self, subject: Subject) -> None:
        topic = subject.create_topic()
        reader = Member(consumer(subject, enable_partition_eof=True))
        reader.read(TopicPartition(topic, 0, 0))

        until(subject, lambda: bool(reader.events), reader)

        assert position(reader, topic) == OFFSET_INVALID

    def test_passes_no_more_than_what_was_delivered_while_records_wait(
        self, subject: Subject
    ) -> None:
        topic = subject.create_topic()
        fill(subject, topic, b"a")
        abort(subject, topic)
        fill(subject, topic, b"b")
        reader = Member(consumer(subject)).read(TopicPartition(topic, 0, 0))

        while len(reader.records) < 1:
            reader.poll(0.1, limit=1)

        assert position(reader, topic) == 1

    def test_passes_markers_and_aborted_records(self, subject: Subject) -> None:
        topic = subject.create_topic()
        fill(subject, topic, b"a")
        reader = Member(consumer(subject)).read(TopicPartition(topic, 0, 0))
        until(subject, lambda: position(reader, topic) == 2, reader)

        abort(subject, topic)

        until(subject, lambda: position(reader, topic) == 4, reader)
        assert reader.values == [b"a"]

    def test_stays_before_an_open_transaction(self, subject: Subject) -> None:
        topic = subject.create_topic()
        fill(subject, topic, b"a")
        writer = producer(subject)
        writer.begin_transaction()
        writer.produce(topic, b"open", partition=0)
        writer.flush()
        reader = Member(consumer(subject)).read(TopicPartition(topic, 0, 0))

        until(subject, lambda: position(reader, topic) == 2, reader)
        idle(subject, 0.3, reader)

        assert position(reader, topic) == 2


class TestSeek:
    def test_reads_on_from_there(self, subject: Subject) -> None:
        topic = subject.create_topic()
        fill(subject, topic, b"a", b"b")
        reader = Member(consumer(subject)).read(TopicPartition(topic, 0, 0))
        until(subject, lambda: reader.values == [b"a", b"b"], reader)

        reader.consumer.seek(TopicPartition(topic, 0, 2))

        assert position(reader, topic) == OFFSET_INVALID
        until(subject, lambda: reader.values == [b"a", b"b", b"b"], reader)

    def test_is_refused_for_a_partition_that_was_never_assigned(self, subject: Subject) -> None:
        topic = subject.create_topic()
        reader = consumer(subject)

        refused = raised_by(lambda: reader.seek(TopicPartition(topic, 0, 0)))

        assert refused == Raised("_UNKNOWN_PARTITION")

    def test_is_refused_for_a_partition_that_is_no_longer_assigned(self, subject: Subject) -> None:
        topic = subject.create_topic()
        fill(subject, topic, b"a")
        reader = Member(consumer(subject)).read(TopicPartition(topic, 0, 0))
        until(subject, lambda: reader.values == [b"a"], reader)
        reader.consumer.unassign()
        idle(subject, 0.2, reader)

        refused = raised_by(lambda: reader.consumer.seek(TopicPartition(topic, 0, 0)))

        assert refused == Raised("_STATE")

    def test_is_refused_until_the_start_is_known(self, subject: Subject) -> None:
        topic, group = subject.create_topic(), subject.name("group")
        fill(subject, topic, b"a")
        commit(subject, group, TopicPartition(topic, 0, 0))
        reader = Member(consumer(subject, group_id=group)).read(TopicPartition(topic, 0))
        target = TopicPartition(topic, 0, 0)

        refused = raised_by(lambda: reader.consumer.seek(target))

        assert refused == Raised("_STATE")
        until(subject, lambda: reader.values == [b"a"], reader)
        reader.consumer.seek(target)

    def test_is_taken_in_the_callback_after_an_assignment_with_offsets(
        self, subject: Subject
    ) -> None:
        topic = subject.create_topic()
        fill(subject, topic, b"a", b"b")
        member = Member(consumer(subject))

        def seek_at_once(*_: object) -> None:
            member.consumer.assign([TopicPartition(topic, 0, 0)])
            member.consumer.seek(TopicPartition(topic, 0, 2))

        member.consumer.subscribe([topic], on_assign=seek_at_once, on_revoke=_pass, on_lost=_pass)
        until(subject, lambda: b"b" in member.values, member)

        assert member.values == [b"b"]

    def test_does_not_start_a_partition_that_had_no_start(self, subject: Subject) -> None:
        topic = subject.create_topic()
        fill(subject, topic, b"a")
        reader = Member(consumer(subject)).read(TopicPartition(topic, 0))
        until(subject, lambda: bool(reader.events), reader)

        refused = raised_by(lambda: reader.consumer.seek(TopicPartition(topic, 0, 0)))

        assert refused == Raised("_STATE")
        reader.read(TopicPartition(topic, 0, 0))
        until(subject, lambda: reader.values == [b"a"], reader)


class TestAStart:
    def test_is_where_the_group_stands_if_no_offset_is_given(self, subject: Subject) -> None:
        topic, group = subject.create_topic(), subject.name("group")
        fill(subject, topic, b"a", b"b")
        commit(subject, group, TopicPartition(topic, 0, 2))

        reader = Member(consumer(subject, group_id=group)).read(TopicPartition(topic, 0))

        until(subject, lambda: reader.values == [b"b"], reader)

    def test_can_be_the_beginning(self, subject: Subject) -> None:
        topic = subject.create_topic()
        fill(subject, topic, b"a")

        reader = Member(consumer(subject)).read(TopicPartition(topic, 0, OFFSET_BEGINNING))

        until(subject, lambda: reader.values == [b"a"], reader)

    def test_can_be_the_end(self, subject: Subject) -> None:
        topic = subject.create_topic()
        fill(subject, topic, b"a")
        reader = Member(consumer(subject)).read(TopicPartition(topic, 0, OFFSET_END))
        idle(subject, 0.5, reader)

        fill(subject, topic, b"b")

        until(subject, lambda: bool(reader.values), reader)
        assert reader.values == [b"b"]

    def test_is_an_error_where_the_group_has_none_and_the_policy_says_so(
        self, subject: Subject
    ) -> None:
        topic = subject.create_topic(2)
        reader = Member(consumer(subject))
        reader.read(TopicPartition(topic, 0), TopicPartition(topic, 1))

        until(subject, lambda: len(reader.events) == 2, reader)
        idle(subject, 0.3, reader)

        found = sorted(reader.events_named("_AUTO_OFFSET_RESET"), key=str)
        assert found == [(0, None), (1, None)]

    def test_is_an_error_where_the_log_does_not_reach(self, subject: Subject) -> None:
        topic = subject.create_topic()
        fill(subject, topic, b"a")

        reader = Member(consumer(subject)).read(TopicPartition(topic, 0, 100))
        until(subject, lambda: bool(reader.events), reader)

        assert reader.events == [("_AUTO_OFFSET_RESET", 0, 100)]

    def test_is_an_error_where_the_log_has_been_cut(self, subject: Subject) -> None:
        topic = subject.create_topic()
        fill(subject, topic, b"a", b"b")
        subject.drop_before(topic, 0, 2)

        reader = Member(consumer(subject)).read(TopicPartition(topic, 0, 0))
        until(subject, lambda: bool(reader.events), reader)

        assert reader.events == [("_AUTO_OFFSET_RESET", 0, 0)]

    def test_is_the_first_record_left_if_the_policy_says_earliest(self, subject: Subject) -> None:
        topic = subject.create_topic()
        fill(subject, topic, b"a", b"b")
        subject.drop_before(topic, 0, 2)

        earliest = consumer(subject, auto_offset_reset="earliest")
        reader = Member(earliest).read(TopicPartition(topic, 0))
        until(subject, lambda: bool(reader.records), reader)

        assert offsets(reader) == [2]


class TestAssignments:
    def test_grow_and_shrink_without_a_group(self, subject: Subject) -> None:
        topic = subject.create_topic(2)
        fill(subject, topic, b"a")
        reader = Member(consumer(subject))

        reader.consumer.incremental_assign([TopicPartition(topic, 0, 0)])
        reader.consumer.incremental_assign([TopicPartition(topic, 1, 0)])
        assert reader.owned == [(topic, 0), (topic, 1)]
        until(subject, lambda: reader.values == [b"a"], reader)
        reader.consumer.incremental_unassign([TopicPartition(topic, 0)])

        assert reader.owned == [(topic, 1)]

    def test_do_not_grow_by_what_they_have_or_shrink_by_what_they_have_not(
        self, subject: Subject
    ) -> None:
        topic = subject.create_topic(2)
        reader = consumer(subject)
        here, elsewhere = TopicPartition(topic, 0, 0), TopicPartition(topic, 1, 0)
        reader.incremental_assign([here])

        assert raised_by(lambda: reader.incremental_assign([here])) == Raised("_CONFLICT")
        assert raised_by(lambda: reader.incremental_unassign([elsewhere])) == Raised("_INVALID_ARG")

    def test_end_with_unassign(self, subject: Subject) -> None:
        topic = subject.create_topic()
        reader = Member(consumer(subject)).read(TopicPartition(topic, 0, 0))

        reader.consumer.unassign()
        fill(subject, topic, b"a")
        idle(subject, 0.3, reader)

        assert reader.owned == []
        assert reader.values == []


def _pass(*_: object) -> None:
    """Take a callback."""

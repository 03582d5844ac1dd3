from __future__ import annotations

from confluent_kafka import OFFSET_END, TopicPartition

from .groups import join, own
from .member import Member
from .records import fill
from .subject import Subject, consumer, idle, until


def paused_reader(subject: Subject) -> tuple[Member, str, TopicPartition]:
    """Return a reader that was paused after it had read the record ``a``."""
    topic = subject.create_topic()
    where = TopicPartition(topic, 0, 0)
    fill(subject, topic, b"a")
    reader = Member(consumer(subject)).read(where)
    until(subject, lambda: reader.values == [b"a"], reader)
    reader.consumer.pause([where])
    fill(subject, topic, b"b")
    return reader, topic, where


class TestAPause:
    def test_stops_the_records_until_the_resume(self, subject: Subject) -> None:
        reader, _, where = paused_reader(subject)
        idle(subject, 0.4, reader)
        assert reader.values == [b"a"]

        reader.consumer.resume([where])

        until(subject, lambda: reader.values == [b"a", b"b"], reader)

    def test_survives_a_seek(self, subject: Subject) -> None:
        reader, _, where = paused_reader(subject)

        reader.consumer.seek(where)
        idle(subject, 0.4, reader)
        assert reader.values == [b"a"]
        reader.consumer.resume([where])

        until(subject, lambda: reader.values == [b"a", b"a", b"b"], reader)

    def test_survives_a_new_assignment(self, subject: Subject) -> None:
        reader, _, where = paused_reader(subject)

        reader.read(where)
        idle(subject, 0.4, reader)
        reader.consumer.unassign()
        reader.read(where)
        idle(subject, 0.4, reader)
        assert reader.values == [b"a"]
        reader.consumer.resume([where])

        until(subject, lambda: reader.values == [b"a", b"a", b"b"], reader)

    def test_survives_a_rebalance_that_takes_the_partition_away_and_brings_it_back(
        self, subject: Subject
    ) -> None:
        topic, group = subject.create_topic(2), subject.name("group")
        first = join(subject, group, topic)
        own(subject, first, count=2)
        first.consumer.pause([TopicPartition(topic, number) for number in range(2)])
        second = join(subject, group, topic)
        own(subject, first, second, count=1)
        second.consumer.close()
        own(subject, first, count=2)

        for number in range(2):
            fill(subject, topic, b"%d" % number, partition=number)
        idle(subject, 0.4, first)
        assert first.values == []
        first.consumer.resume([TopicPartition(topic, number) for number in range(2)])

        until(subject, lambda: len(first.values) == 2, first)

    def test_of_a_partition_that_was_never_assigned_is_forgotten(self, subject: Subject) -> None:
        topic = subject.create_topic()
        fill(subject, topic, b"a")
        reader = Member(consumer(subject))

        reader.consumer.pause([TopicPartition(topic, 0)])
        reader.read(TopicPartition(topic, 0, 0))

        until(subject, lambda: reader.values == [b"a"], reader)

    def test_right_after_assign_in_the_callback_holds(self, subject: Subject) -> None:
        topic = subject.create_topic()
        fill(subject, topic, b"a")
        member = Member(consumer(subject))

        def assign_paused(*_: object) -> None:
            member.consumer.assign([TopicPartition(topic, 0, 0)])
            member.consumer.pause([TopicPartition(topic, 0)])

        member.consumer.subscribe([topic], on_assign=assign_paused, on_revoke=_pass, on_lost=_pass)
        own(subject, member, count=1)
        idle(subject, 0.4, member)
        assert member.values == []
        member.consumer.seek(TopicPartition(topic, 0, 0))
        member.consumer.resume([TopicPartition(topic, 0)])

        until(subject, lambda: member.values == [b"a"], member)

    def test_right_after_assign_at_the_end_holds_until_the_start_is_found(
        self, subject: Subject
    ) -> None:
        topic = subject.create_topic()
        fill(subject, topic, b"a", b"b")
        subject.drop_before(topic, 0, 2)
        member = Member(consumer(subject))

        # Not at 0: in most runs the client fetches once before it pauses, and a start outside of
        # the log is an error then.
        def assign_paused(*_: object) -> None:
            member.consumer.assign([TopicPartition(topic, 0, OFFSET_END)])
            member.consumer.pause([TopicPartition(topic, 0)])

        member.consumer.subscribe([topic], on_assign=assign_paused, on_revoke=_pass, on_lost=_pass)
        own(subject, member, count=1)
        member.consumer.seek(TopicPartition(topic, 0, 2))
        member.consumer.resume([TopicPartition(topic, 0)])
        until(subject, lambda: bool(member.records or member.events), member)

        assert member.values == [b"b"]
        assert member.events == []


def _pass(*_: object) -> None:
    """Take a callback."""

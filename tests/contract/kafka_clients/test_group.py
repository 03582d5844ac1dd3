from __future__ import annotations

import pytest
from confluent_kafka import TopicPartition

from .errors import Raised, raised_by
from .groups import join, own
from .member import Member
from .subject import Subject, consumer, idle, plain_producer, until


class TestAMember:
    def test_gets_all_partitions_when_it_is_alone(self, subject: Subject) -> None:
        topic = subject.create_topic(3)
        member = join(subject, subject.name("group"), topic)

        own(subject, member, count=3)

        assert member.history == [("assign", [(topic, 0), (topic, 1), (topic, 2)])]

    def test_reads_nothing_before_its_callback_was_called(self, subject: Subject) -> None:
        topic = subject.create_topic(1)
        member = join(subject, subject.name("group"), topic)

        assert member.owned == []
        assert member.consumer.memberid() is None
        own(subject, member, count=1)
        assert member.consumer.memberid()

    def test_gets_equal_numbers_of_topics_of_equal_width(self, subject: Subject) -> None:
        source, retry = subject.create_topic(4), subject.create_topic(4)
        group = subject.name("group")
        members = [join(subject, group, source, retry, instance=name) for name in "ab"]

        own(subject, *members, count=4)

        for member, low in zip(members, (0, 2), strict=True):
            both = [(topic, number) for topic in (source, retry) for number in (low, low + 1)]
            assert member.owned == sorted(both)

    def test_shares_unequal_rests_among_the_first(self, subject: Subject) -> None:
        topic = subject.create_topic(3)
        group = subject.name("group")
        members = [join(subject, group, topic, instance=name) for name in "ab"]

        until(subject, lambda: [len(each.owned) for each in members] == [2, 1], *members)

        assert members[0].owned == [(topic, 0), (topic, 1)]
        assert members[1].owned == [(topic, 2)]

    def test_reads_what_it_was_given_if_its_callback_does_not_assign(
        self, subject: Subject
    ) -> None:
        topic = subject.create_topic(2)
        settings = {"auto_offset_reset": "earliest"}
        member = Member(consumer(subject, **settings), start=None).subscribe(topic)

        own(subject, member, count=2)
        writer = plain_producer(subject)
        writer.produce(topic, b"a", partition=1)
        writer.flush()

        until(subject, lambda: member.values == [b"a"], member)

    def test_gives_up_its_partitions_before_a_newcomer_gets_them(self, subject: Subject) -> None:
        topic = subject.create_topic(2)
        group = subject.name("group")
        first = join(subject, group, topic, instance="a")
        own(subject, first, count=2)

        second = join(subject, group, topic, instance="b")
        own(subject, first, second, count=1)

        assert first.history == [
            ("assign", [(topic, 0), (topic, 1)]),
            ("revoke", [(topic, 0), (topic, 1)]),
            ("assign", [(topic, 0)]),
        ]
        assert second.history == [("assign", [(topic, 1)])]

    def test_may_not_assign_incrementally(self, subject: Subject) -> None:
        topic = subject.create_topic(1)
        member = join(subject, subject.name("group"), topic)
        own(subject, member, count=1)
        more = [TopicPartition(topic, 0, 0)]

        assert raised_by(lambda: member.consumer.incremental_assign(more)) == Raised("_STATE")

    def test_keeps_its_assignment_if_its_callback_raises(self, subject: Subject) -> None:
        topic = subject.create_topic(2)
        member = Member(consumer(subject, auto_offset_reset="earliest"))

        def fail(*_: object) -> None:
            raise ValueError("planted")

        member.consumer.subscribe([topic], on_assign=fail, on_revoke=fail, on_lost=fail)
        with pytest.raises(ValueError, match="planted"):
            until(subject, lambda: False, member)

        assert len(member.owned) == 2

    def test_lives_on_in_the_group_after_an_error_in_on_revoke(self, subject: Subject) -> None:
        topic = subject.create_topic(2)
        group = subject.name("group")
        first = join(subject, group, topic, instance="a")
        own(subject, first, count=2)

        def fail() -> None:
            raise ValueError("planted")

        first.on_revoke = fail
        second = join(subject, group, topic, instance="b")
        with pytest.raises(ValueError, match="planted"):
            until(subject, lambda: False, second, first)
        first.on_revoke = lambda: None
        own(subject, first, second, count=1)

        assert first.calls == ["assign", "revoke", "assign"]

    def test_is_called_even_if_it_gets_nothing(self, subject: Subject) -> None:
        topic = subject.create_topic(1)
        group = subject.name("group")
        first, idler = (join(subject, group, topic, instance=name) for name in "ab")
        own(subject, first, count=1)
        until(subject, lambda: idler.history == [("assign", [])], first, idler)

        idler.consumer.close()

        assert idler.history == [("assign", []), ("revoke", [])]

    def test_joins_again_when_it_subscribes_anew(self, subject: Subject) -> None:
        topic, more = subject.create_topic(1), subject.create_topic(1)
        member = join(subject, subject.name("group"), topic, instance="a")
        own(subject, member, count=1)

        member.subscribe(topic, more)
        own(subject, member, count=2)

        assert member.calls == ["assign", "revoke", "assign"]

    def test_is_told_of_a_topic_that_is_missing_and_gets_the_others(self, subject: Subject) -> None:
        topic = subject.create_topic(1)
        member = join(subject, subject.name("group"), topic, subject.name("missing"))

        own(subject, member, count=1)
        until(subject, lambda: bool(member.events_named("UNKNOWN_TOPIC_OR_PART")), member)

        assert len(member.events_named("UNKNOWN_TOPIC_OR_PART")) == 1

    def test_gets_partitions_that_are_added(self, subject: Subject) -> None:
        topic = subject.create_topic(1)
        member = join(subject, subject.name("group"), topic, instance="a")
        own(subject, member, count=1)

        subject.grow_topic(topic, 2)
        own(subject, member, count=2)

        assert member.calls == ["assign", "revoke", "assign"]


class TestADynamicMember:
    def test_leaves_at_close_so_that_the_rest_take_over(self, subject: Subject) -> None:
        topic = subject.create_topic(2)
        group = subject.name("group")
        stays, goes = join(subject, group, topic), join(subject, group, topic)
        own(subject, stays, goes, count=1)

        goes.consumer.close()
        own(subject, stays, count=2)

        assert goes.calls[-1] == "revoke"


class TestAStaticMember:
    def test_gives_up_at_close_but_does_not_leave(self, subject: Subject) -> None:
        topic = subject.create_topic(2)
        group = subject.name("group")
        stays, goes = (join(subject, group, topic, instance=name) for name in "ab")
        own(subject, stays, goes, count=1)
        before = list(stays.history)

        goes.consumer.close()
        idle(subject, 1.0, stays)

        assert goes.calls[-1] == "revoke"
        assert stays.history == before

    def test_takes_its_partitions_back_and_nobody_else_notices(self, subject: Subject) -> None:
        topic = subject.create_topic(2)
        group = subject.name("group")
        stays, goes = (join(subject, group, topic, instance=name) for name in "ab")
        own(subject, stays, goes, count=1)
        before, had = list(stays.history), goes.owned
        goes.consumer.close()

        back = join(subject, group, topic, instance="b")
        own(subject, back, count=1)
        idle(subject, 0.5, stays, back)

        assert back.history == [("assign", had)]
        assert stays.history == before

    def test_fences_its_former_self(self, subject: Subject) -> None:
        topic = subject.create_topic(1)
        group = subject.name("group")
        former = join(subject, group, topic, instance="a")
        own(subject, former, count=1)

        successor = join(subject, group, topic, instance="a")
        own(subject, successor, count=1)
        until(subject, lambda: bool(former.events_named("_FATAL")), former, successor)
        idle(subject, 0.5, former, successor)

        assert former.calls == ["assign"]
        assert former.owned == []
        assert len(former.events_named("_FATAL")) == 1
        former.consumer.close()
        assert former.calls == ["assign"]

    def test_is_not_assigned_a_topic_that_its_restart_adds(self, subject: Subject) -> None:
        topic, added = subject.create_topic(1), subject.create_topic(1)
        group = subject.name("group")
        first = join(subject, group, topic, instance="a")
        own(subject, first, count=1)
        first.consumer.close()

        again = join(subject, group, topic, added, instance="a")
        own(subject, again, count=1)
        idle(subject, 0.5, again)

        assert again.owned == [(topic, 0)]


class TestAClosedConsumer:
    def test_can_be_closed_again_but_not_used(self, subject: Subject) -> None:
        used = consumer(subject)
        used.close()
        used.close()

        with pytest.raises(RuntimeError, match="closed"):
            used.consume(1, 0)
        with pytest.raises(RuntimeError, match="closed"):
            used.assignment()

from __future__ import annotations

from confluent_kafka import OFFSET_INVALID, TopicPartition

from isthmus.kafka.clients import Producer

from .errors import Raised, abortable, raised_by
from .groups import commit, committed, join, open_commit, own
from .member import Member
from .subject import Subject, consumer, idle, producer, until


class TestCommittedOffsets:
    def test_come_back_with_their_metadata(self, subject: Subject) -> None:
        topic, group = subject.create_topic(2), subject.name("group")

        commit(subject, group, TopicPartition(topic, 0, 5, "map"), TopicPartition(topic, 1, 6))

        assert committed(subject, group, topic, 0) == (5, "map")
        assert committed(subject, group, topic, 1) == (6, None)

    def test_are_invalid_where_there_are_none(self, subject: Subject) -> None:
        topic, group = subject.create_topic(1), subject.name("group")

        assert committed(subject, group, topic) == (OFFSET_INVALID, None)

    def test_vanish_with_an_abort(self, subject: Subject) -> None:
        topic, group = subject.create_topic(1), subject.name("group")
        commit(subject, group, TopicPartition(topic, 0, 5, "old"))

        open_commit(subject, group, TopicPartition(topic, 0, 6, "new")).abort_transaction()

        assert committed(subject, group, topic) == (5, "old")

    def test_vanish_when_a_successor_takes_over(self, subject: Subject) -> None:
        topic, group = subject.create_topic(1), subject.name("group")
        transactional_id = subject.name("txn")
        dead = producer(subject, transactional_id=transactional_id)
        dead.begin_transaction()
        anonymous = consumer(subject, group_id=group).consumer_group_metadata()
        dead.send_offsets_to_transaction([TopicPartition(topic, 0, 5)], anonymous)

        producer(subject, transactional_id=transactional_id)

        assert committed(subject, group, topic) == (OFFSET_INVALID, None)

    def test_may_fall(self, subject: Subject) -> None:
        topic, group = subject.create_topic(1), subject.name("group")
        commit(subject, group, TopicPartition(topic, 0, 5))

        commit(subject, group, TopicPartition(topic, 0, 2))

        assert committed(subject, group, topic) == (2, None)

    def test_carry_4095_bytes_and_not_one_more(self, subject: Subject) -> None:
        topic, group = subject.create_topic(1), subject.name("group")
        writer = producer(subject)
        anonymous = consumer(subject, group_id=group).consumer_group_metadata()

        commit(subject, group, TopicPartition(topic, 0, 5, "m" * 4095))
        writer.begin_transaction()
        too_long = TopicPartition(topic, 0, 6, "m" * 4096)
        refused = raised_by(lambda: writer.send_offsets_to_transaction([too_long], anonymous))

        assert refused == abortable("OFFSET_METADATA_TOO_LARGE")
        assert committed(subject, group, topic) == (5, "m" * 4095)

    def test_of_no_partition_are_nothing(self, subject: Subject) -> None:
        topic, group = subject.create_topic(1), subject.name("group")
        writer = producer(subject)
        anonymous = consumer(subject, group_id=group).consumer_group_metadata()

        writer.begin_transaction()
        writer.send_offsets_to_transaction([], anonymous)
        writer.send_offsets_to_transaction([TopicPartition(topic, 0)], anonymous)
        writer.commit_transaction()

        assert committed(subject, group, topic) == (OFFSET_INVALID, None)


class TestPendingOffsets:
    def test_time_out_for_who_wants_stable_ones_of_the_same_partition(
        self, subject: Subject
    ) -> None:
        topic, group = subject.create_topic(2), subject.name("group")
        commit(subject, group, TopicPartition(topic, 0, 1), TopicPartition(topic, 1, 2))
        reader = consumer(subject, group_id=group)
        partitions = [TopicPartition(topic, number) for number in range(2)]

        writer = open_commit(subject, group, TopicPartition(topic, 0, 5))

        assert raised_by(lambda: reader.committed(partitions[:1], 0.3)) == Raised("_TIMED_OUT")
        assert raised_by(lambda: reader.committed(partitions, 0.3)) == Raised("_TIMED_OUT")
        assert [each.offset for each in reader.committed(partitions[1:], 0.3)] == [2]
        writer.commit_transaction()
        assert [each.offset for each in reader.committed(partitions, 10)] == [5, 2]

    def test_do_not_hinder_a_reader_of_uncommitted_records(self, subject: Subject) -> None:
        topic, group = subject.create_topic(1), subject.name("group")
        commit(subject, group, TopicPartition(topic, 0, 1))
        reader = consumer(subject, group_id=group, isolation_level="read_uncommitted")

        open_commit(subject, group, TopicPartition(topic, 0, 5))

        assert [each.offset for each in reader.committed([TopicPartition(topic, 0)], 5)] == [1]

    def test_delay_all_partitions_that_start_where_the_group_stands(self, subject: Subject) -> None:
        topic, group = subject.create_topic(3), subject.name("group")
        writer = producer(subject)
        writer.begin_transaction()
        for number in range(3):
            writer.produce(topic, b"%d" % number, partition=number)
        writer.commit_transaction()
        commit(subject, group, TopicPartition(topic, 0, 0), TopicPartition(topic, 1, 0))
        pending = open_commit(subject, group, TopicPartition(topic, 0, 0))

        reader = Member(consumer(subject, group_id=group))
        reader.read(TopicPartition(topic, 0), TopicPartition(topic, 1), TopicPartition(topic, 2, 0))
        idle(subject, 1.0, reader)

        assert reader.values == [b"2"]
        pending.abort_transaction()
        until(subject, lambda: sorted(map(str, reader.values)) == ["b'0'", "b'1'", "b'2'"], reader)


class TestACommitForAGroup:
    def test_is_taken_from_its_member(self, subject: Subject) -> None:
        topic, group = subject.create_topic(1), subject.name("group")
        member = join(subject, group, topic, instance="a")
        own(subject, member, count=1)
        writer = producer(subject)
        writer.begin_transaction()

        position = TopicPartition(topic, 0, 1)
        metadata = member.consumer.consumer_group_metadata()
        writer.send_offsets_to_transaction([position], metadata)
        writer.commit_transaction()

        assert committed(subject, group, topic) == (1, None)

    def test_is_taken_for_a_partition_that_the_member_does_not_own(self, subject: Subject) -> None:
        topic, group = subject.create_topic(2), subject.name("group")
        first, second = (join(subject, group, topic, instance=name) for name in "ab")
        own(subject, first, second, count=1)
        writer = producer(subject)
        writer.begin_transaction()

        position = TopicPartition(topic, 1, 1)
        metadata = first.consumer.consumer_group_metadata()
        writer.send_offsets_to_transaction([position], metadata)
        writer.commit_transaction()

        assert committed(subject, group, topic, 1) == (1, None)

    def test_is_taken_inside_on_revoke(self, subject: Subject) -> None:
        topic, group = subject.create_topic(2), subject.name("group")
        first = join(subject, group, topic, instance="a")
        own(subject, first, count=2)
        writer = producer(subject)

        def commit_now() -> None:
            writer.begin_transaction()
            metadata = first.consumer.consumer_group_metadata()
            writer.send_offsets_to_transaction([TopicPartition(topic, 1, 7)], metadata)
            writer.commit_transaction()

        first.on_revoke = commit_now
        second = join(subject, group, topic, instance="b")
        own(subject, first, second, count=1)
        first.on_revoke = lambda: None

        assert committed(subject, group, topic, 1) == (7, None)

    def test_is_taken_inside_on_revoke_at_close(self, subject: Subject) -> None:
        topic, group = subject.create_topic(1), subject.name("group")
        for instance in ("a", None):
            member = join(subject, group + str(instance), topic, instance=instance)
            own(subject, member, count=1)
            writer = producer(subject)

            def commit_now(member: Member = member, writer: Producer = writer) -> None:
                writer.begin_transaction()
                metadata = member.consumer.consumer_group_metadata()
                writer.send_offsets_to_transaction([TopicPartition(topic, 0, 7)], metadata)
                writer.commit_transaction()

            member.on_revoke = commit_now
            member.consumer.close()

            assert committed(subject, group + str(instance), topic) == (7, None)

    def test_is_refused_from_an_older_generation(self, subject: Subject) -> None:
        topic, group = subject.create_topic(2), subject.name("group")
        first = join(subject, group, topic, instance="a")
        own(subject, first, count=2)
        old = first.consumer.consumer_group_metadata()
        second = join(subject, group, topic, instance="b")
        own(subject, first, second, count=1)
        writer = producer(subject)
        writer.begin_transaction()

        position = TopicPartition(topic, 0, 1)
        refused = raised_by(lambda: writer.send_offsets_to_transaction([position], old))

        assert refused == abortable("ILLEGAL_GENERATION")
        assert raised_by(writer.commit_transaction) == refused

    def test_is_refused_from_a_member_that_has_left(self, subject: Subject) -> None:
        topic, group = subject.create_topic(2), subject.name("group")
        stays, goes = join(subject, group, topic), join(subject, group, topic)
        own(subject, stays, goes, count=1)
        old = goes.consumer.consumer_group_metadata()
        goes.consumer.close()
        own(subject, stays, count=2)
        writer = producer(subject)
        writer.begin_transaction()

        position = TopicPartition(topic, 0, 1)
        refused = raised_by(lambda: writer.send_offsets_to_transaction([position], old))

        assert refused == abortable("UNKNOWN_MEMBER_ID")

    def test_is_refused_from_the_former_self_of_a_static_member(self, subject: Subject) -> None:
        topic, group = subject.create_topic(1), subject.name("group")
        former = join(subject, group, topic, instance="a")
        own(subject, former, count=1)
        old = former.consumer.consumer_group_metadata()
        own(subject, join(subject, group, topic, instance="a"), count=1)
        writer = producer(subject)
        writer.begin_transaction()

        position = TopicPartition(topic, 0, 1)
        refused = raised_by(lambda: writer.send_offsets_to_transaction([position], old))

        assert refused == abortable("FENCED_INSTANCE_ID")

    def test_is_refused_from_a_static_name_that_has_not_joined(self, subject: Subject) -> None:
        topic, group = subject.create_topic(1), subject.name("group")
        own(subject, join(subject, group, topic, instance="a"), count=1)
        stranger = consumer(subject, group_id=group, group_instance_id="a")
        writer = producer(subject)
        writer.begin_transaction()

        position, metadata = TopicPartition(topic, 0, 1), stranger.consumer_group_metadata()
        refused = raised_by(lambda: writer.send_offsets_to_transaction([position], metadata))

        assert refused == abortable("FENCED_INSTANCE_ID")

    def test_is_taken_from_who_never_joined_even_if_the_group_is_active(
        self, subject: Subject
    ) -> None:
        topic, group = subject.create_topic(1), subject.name("group")
        own(subject, join(subject, group, topic, instance="a"), count=1)

        commit(subject, group, TopicPartition(topic, 0, 3))

        assert committed(subject, group, topic) == (3, None)

from __future__ import annotations

import pytest
from confluent_kafka import KafkaException, TopicPartition

from .worlds import TOPIC, World, read_from_start


class TestTheLog:
    def test_shows_open_aborted_and_control_records(self) -> None:
        world = World()
        writer = world.producer()
        writer.begin_transaction()
        writer.produce(TOPIC, b"aborted", partition=0)
        writer.abort_transaction()
        writer.begin_transaction()
        writer.produce(TOPIC, b"open", partition=0)

        first, marker, last = world.cluster.log(TOPIC)

        assert (first.value, first.aborted, first.open, first.control) == (
            b"aborted",
            True,
            False,
            False,
        )
        assert (marker.offset, marker.control, marker.aborted) == (1, True, True)
        assert (last.value, last.aborted, last.open) == (b"open", False, True)

    def test_shows_committed_records_of_all_partitions(self) -> None:
        world = World()
        writer = world.producer()
        writer.begin_transaction()
        writer.produce(TOPIC, b"b", partition=1)
        writer.commit_transaction()
        world.cluster.append(TOPIC, b"a", partition=0)
        writer.begin_transaction()
        writer.produce(TOPIC, b"open", partition=1)

        found = world.cluster.read_committed(TOPIC)

        assert [(record.partition, record.value) for record in found] == [(0, b"a"), (1, b"b")]


class TestCompaction:
    def test_keeps_the_last_of_each_key_and_leaves_gaps(self) -> None:
        world = World()
        world.cluster.create_topic("items", cleanup_policy="compact")
        for key, value in ((b"k", b"1"), (b"other", b"2"), (b"k", b"3"), (b"k", b"4")):
            world.cluster.append("items", value, key=key)

        world.cluster.compact("items")

        left = [(record.offset, record.value) for record in world.cluster.log("items")]
        assert left == [(1, b"2"), (3, b"4")]
        assert world.cluster.append("items", b"5", key=b"k") == 4

    def test_leaves_alone_what_is_not_decided(self) -> None:
        world = World()
        world.cluster.create_topic("items", cleanup_policy="compact")
        world.cluster.append("items", b"old", key=b"k")
        writer = world.producer()
        writer.begin_transaction()
        writer.produce("items", b"open", b"k", partition=0)

        world.cluster.compact("items")

        assert [record.value for record in world.cluster.log("items")] == [b"old", b"open"]


class TestRetention:
    def test_takes_the_records_under_the_feet_of_a_reader(self) -> None:
        world = World()
        for value in (b"a", b"b", b"c"):
            world.cluster.append(TOPIC, value)
        reader = read_from_start(world.consumer(auto_offset_reset="error"))
        reader.consume(1, 0)

        world.cluster.drop_before(TOPIC, 0, 2)
        (message,) = reader.consume(10, 0)

        error = message.error()
        assert error is not None
        assert (error.name(), message.offset()) == ("_AUTO_OFFSET_RESET", 1)

    def test_makes_a_start_before_the_log_an_error_even_if_a_pause_follows_at_once(self) -> None:
        world = World()
        world.cluster.append(TOPIC, b"a")
        world.cluster.append(TOPIC, b"b")
        world.cluster.drop_before(TOPIC, 0, 1)
        reader = read_from_start(world.consumer(auto_offset_reset="error"))
        reader.pause([TopicPartition(TOPIC, 0)])

        (message,) = reader.consume(10, 0)

        error = message.error()
        assert error is not None
        assert error.name() == "_AUTO_OFFSET_RESET"
        with pytest.raises(KafkaException, match="Erroneous state"):
            reader.seek(TopicPartition(TOPIC, 0, 1))

from __future__ import annotations

import pytest
from confluent_kafka import KafkaException, TopicPartition

from .worlds import GROUP, TOPIC, World, read_from_start, values


class TestVirtualTime:
    def test_stands_still_while_a_consumer_waits(self) -> None:
        world = World()

        assert read_from_start(world.consumer()).consume(1, 30) == []
        assert world.clock.monotonic() == 0

    def test_passes_by_the_time_out_if_the_cluster_is_told_so(self) -> None:
        world = World(auto_advance=True)

        assert read_from_start(world.consumer()).consume(1, 30) == []
        assert world.clock.monotonic() == 30

    def test_does_not_pass_if_there_is_something_to_consume(self) -> None:
        world = World(auto_advance=True)
        world.cluster.append(TOPIC, b"a")

        assert values(read_from_start(world.consumer()).consume(1, 30)) == [b"a"]
        assert world.clock.monotonic() == 0

    def test_brings_what_falls_due_while_a_consumer_waits(self) -> None:
        world = World(auto_advance=True)
        writer = world.producer(transaction_timeout_ms=1000)
        writer.begin_transaction()
        writer.produce(TOPIC, b"open", partition=0)
        world.cluster.append(TOPIC, b"behind it")

        assert values(read_from_start(world.consumer()).consume(10, 2)) == [b"behind it"]

    def test_passes_while_an_offset_is_not_stable(self) -> None:
        world = World(auto_advance=True)
        asking, writer = world.consumer(), world.producer(transaction_timeout_ms=1000)
        writer.begin_transaction()
        place = TopicPartition(TOPIC, 0, 1)
        writer.send_offsets_to_transaction([place], asking.consumer_group_metadata())

        with pytest.raises(KafkaException, match="Timed out"):
            asking.committed([place], 0.3)
        assert [each.offset for each in asking.committed([place], 0.8)] == [-1001]
        assert world.clock.monotonic() == pytest.approx(1.1)

    def test_is_refused_to_who_would_wait_for_ever(self) -> None:
        world = World()

        with pytest.raises(NotImplementedError, match="for ever"):
            read_from_start(world.consumer()).consume(1)

    def test_lets_things_happen_in_their_order_however_late_it_looks(self) -> None:
        world = World()
        writers = [
            world.producer(name, transaction_timeout_ms=timeout_ms)
            for name, timeout_ms in (("slow", 9000), ("fast", 1000))
        ]
        for writer in writers:
            writer.begin_transaction()
            writer.produce(TOPIC, b"open", partition=0)

        world.clock.advance(60)
        ends = [record for record in world.cluster.log(TOPIC) if record.control]

        ended = [end.transaction.transactional_id for end in ends if end.transaction]
        assert ended == ["fast", "slow"]
        assert ends[1].timestamp_ms - ends[0].timestamp_ms == 8000

    def test_gives_the_timestamps(self) -> None:
        world = World()
        world.clock.advance(1.5)

        world.cluster.append(TOPIC, b"a")

        (stored,) = world.cluster.log(TOPIC)
        assert stored.timestamp_ms == world.clock.now().timestamp() * 1000


class TestTwoRuns:
    def test_of_the_same_calls_give_the_same(self) -> None:
        def run() -> tuple[list[str], object]:
            world = World()
            members = [world.member(), world.member()]
            for turn in range(30):
                world.cluster.append(TOPIC, b"%d" % turn, partition=turn % 2)
                for member, calls in members:
                    calls += [str(message.offset()) for message in member.consume(3, 0)]
                world.clock.advance(0.5)
            metadata = members[0][0].consumer_group_metadata()
            return [call for _, calls in members for call in calls], metadata

        assert run() == run()

    def test_use_groups_of_their_own(self) -> None:
        assert World().cluster.committed(GROUP, TOPIC) is None

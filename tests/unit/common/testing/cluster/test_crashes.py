from __future__ import annotations

import pytest
from confluent_kafka import KafkaException, TopicPartition

from isthmus.testing.cluster import ProcessDied

from .worlds import GROUP, TOPIC, World, owned, values


class TestACrash:
    def test_leaves_the_partitions_to_the_rest_when_the_session_is_over(self) -> None:
        world = World()
        (dies, _), (lives, calls) = world.member("a"), world.member("b")
        for _ in range(3):
            dies.consume(1, 0)
            lives.consume(1, 0)

        world.cluster.crash(dies)
        world.clock.advance(5.9)
        lives.consume(1, 0)
        assert owned(lives) == [1]
        world.clock.advance(0.2)
        lives.consume(1, 0)

        assert owned(lives) == [0, 1]
        assert calls[-2:] == ["revoke", "assign"]

    def test_leaves_the_transaction_open_until_it_times_out(self) -> None:
        world = World()
        dies = world.producer(transaction_timeout_ms=15_000)
        dies.begin_transaction()
        dies.produce(TOPIC, b"open", partition=0)

        world.cluster.crash(dies)
        world.clock.advance(14.9)
        assert world.cluster.log(TOPIC)[-1].open
        world.clock.advance(0.2)

        assert [record.control for record in world.cluster.log(TOPIC)] == [False, True]
        assert world.cluster.log(TOPIC)[0].aborted

    def test_leaves_the_transaction_to_the_successor_that_aborts_it(self) -> None:
        world = World()
        dies = world.producer()
        dies.begin_transaction()
        dies.produce(TOPIC, b"open", partition=0)
        world.cluster.crash(dies)

        world.producer()

        assert world.cluster.log(TOPIC)[0].aborted

    def test_lets_no_call_pass_and_no_exception_handler_notice(self) -> None:
        world = World()
        dead = world.producer()
        world.cluster.crash(dead)

        with pytest.raises(ProcessDied):
            dead.begin_transaction()
        assert not issubclass(ProcessDied, Exception)

    def test_is_final(self) -> None:
        world = World()
        dead, _ = world.member("a")
        world.cluster.crash(dead)

        with pytest.raises(ValueError, match="killed"):
            world.cluster.wake(dead)


class TestACrashInACall:
    @pytest.mark.parametrize(("after_effect", "kept"), [(False, []), (True, [b"a"])])
    def test_happens_before_or_after_the_effect(
        self, after_effect: bool, kept: list[bytes]
    ) -> None:
        world = World()
        writer, (reader, _) = world.producer(), world.member("a")
        writer.begin_transaction()
        writer.produce(TOPIC, b"a", partition=0)
        world.cluster.crash_in(writer, "commit_transaction", reader, after_effect=after_effect)

        with pytest.raises(ProcessDied):
            writer.commit_transaction()
        with pytest.raises(ProcessDied):
            reader.consume(1, 0)
        world.producer()

        assert [record.value for record in world.cluster.read_committed(TOPIC)] == kept

    def test_keeps_the_offsets_with_the_records(self) -> None:
        world = World()
        writer, (reader, _) = world.producer(), world.member("a")
        reader.consume(1, 0)
        writer.begin_transaction()
        writer.produce(TOPIC, b"a", partition=0)
        position = TopicPartition(TOPIC, 1, 5, "map")
        writer.send_offsets_to_transaction([position], reader.consumer_group_metadata())
        world.cluster.crash_in(writer, "commit_transaction", after_effect=True)

        with pytest.raises(ProcessDied):
            writer.commit_transaction()

        found = world.cluster.committed(GROUP, TOPIC, 1)
        assert found is not None
        assert (found.offset, found.metadata) == (5, "map")


class TestAStop:
    def test_is_not_noticed_if_it_is_shorter_than_the_session(self) -> None:
        world = World()
        member, calls = world.member("a")
        member.consume(1, 0)

        world.cluster.stop(member)
        world.clock.advance(5)
        world.cluster.wake(member)
        world.clock.advance(5)
        member.consume(1, 0)

        assert calls == ["assign"]

    def test_makes_a_zombie_if_it_is_longer(self) -> None:
        world = World()
        (zombie, calls), writer = world.member("a"), world.producer("zombie")
        zombie.consume(1, 0)
        before = zombie.consumer_group_metadata()
        world.cluster.stop(zombie, writer)
        world.clock.advance(7)
        successor, _ = world.member("b")
        successor.consume(1, 0)

        world.cluster.wake(zombie, writer)
        writer.begin_transaction()
        writer.produce(TOPIC, b"zombie", partition=0)
        with pytest.raises(KafkaException, match="Unknown member"):
            writer.send_offsets_to_transaction([TopicPartition(TOPIC, 0, 1)], before)
        zombie.consume(1, 0)

        assert calls[:2] == ["assign", "lose"]
        assert world.cluster.read_committed(TOPIC) == []

    def test_lets_no_call_pass_meanwhile(self) -> None:
        world = World()
        member, _ = world.member("a")
        world.cluster.stop(member)

        with pytest.raises(ProcessDied):
            member.consume(1, 0)
        world.cluster.wake(member)
        assert values(member.consume(1, 0)) == []

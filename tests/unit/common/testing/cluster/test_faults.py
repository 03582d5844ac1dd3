from __future__ import annotations

from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException

from isthmus.testing.cluster import codes, kafka_error

from .worlds import TOPIC, World, read_from_start, values

TIMED_OUT = kafka_error(codes.TIMED_OUT, retriable=True)


class TestAPlannedFault:
    def test_raises_once_before_the_effect(self) -> None:
        world = World()
        world.cluster.append(TOPIC, b"a")
        reader = read_from_start(world.consumer())
        world.cluster.fail_next(reader, "consume", kafka_error(codes.FATAL))

        with pytest.raises(KafkaException):
            reader.consume(1, 0)

        assert values(reader.consume(1, 0)) == [b"a"]

    def test_can_be_any_exception(self) -> None:
        world = World()
        writer = world.producer()
        writer.begin_transaction()
        world.cluster.fail_next(writer, "produce", BufferError("Local: Queue full"))

        with pytest.raises(BufferError):
            writer.produce(TOPIC, b"a", partition=0)

        writer.produce(TOPIC, b"a", partition=0)

    def test_leaves_the_outcome_of_a_commit_unknown_until_it_is_repeated(self) -> None:
        world = World()
        writer = world.producer()
        for after_effect in (False, True):
            writer.begin_transaction()
            writer.produce(TOPIC, b"a", partition=0)
            world.cluster.fail_next(
                writer, "commit_transaction", TIMED_OUT, after_effect=after_effect
            )
            before = len(world.cluster.read_committed(TOPIC))

            with pytest.raises(KafkaException):
                writer.commit_transaction()
            assert len(world.cluster.read_committed(TOPIC)) == before + after_effect
            with pytest.raises(NotImplementedError, match="discard"):
                writer.begin_transaction()
            writer.commit_transaction()

            assert len(world.cluster.read_committed(TOPIC)) == before + 1

    def test_ends_the_transaction_if_it_says_so(self) -> None:
        world = World()
        writer = world.producer()
        writer.begin_transaction()
        error = kafka_error(KafkaError.UNKNOWN_MEMBER_ID, abortable=True)
        world.cluster.fail_next(writer, "send_offsets_to_transaction", error)

        with pytest.raises(KafkaException):
            writer.send_offsets_to_transaction([], b"")
        with pytest.raises(KafkaException, match="Unknown member"):
            writer.commit_transaction()
        writer.abort_transaction()

        writer.begin_transaction()

    def test_ends_the_producer_if_it_is_fatal(self) -> None:
        world = World()
        writer = world.producer()
        world.cluster.fail_next(writer, "begin_transaction", kafka_error(codes.FENCED, fatal=True))

        with pytest.raises(KafkaException):
            writer.begin_transaction()

        with pytest.raises(KafkaException) as caught:
            writer.begin_transaction()
        assert caught.value.args[0].fatal()

    def test_of_an_unknown_call_is_refused(self) -> None:
        world = World()

        with pytest.raises(ValueError, match="no call 'comit'"):
            world.cluster.fail_next(world.producer(), "comit", TIMED_OUT)


class TestARefusal:
    def test_fails_the_next_delivery_and_with_it_the_transaction(self) -> None:
        world = World()
        writer, reports = world.producer(), list[KafkaError | None]()
        world.cluster.refuse_next(writer, KafkaError.NOT_ENOUGH_REPLICAS)

        def note(error: KafkaError | None, _: Any) -> None:
            reports.append(error)

        writer.begin_transaction()
        writer.produce(TOPIC, b"a", partition=0, on_delivery=note)
        writer.flush()

        assert [error.name() for error in reports if error] == ["NOT_ENOUGH_REPLICAS"]
        with pytest.raises(KafkaException) as caught:
            writer.commit_transaction()
        assert caught.value.args[0].txn_requires_abort()


class TestAReportedEvent:
    def test_comes_out_of_consume(self) -> None:
        world = World()
        reader = read_from_start(world.consumer())
        world.cluster.report(reader, kafka_error(KafkaError.COORDINATOR_NOT_AVAILABLE))

        (message,) = reader.consume(10, 0)

        error = message.error()
        assert error is not None
        assert error.name() == "COORDINATOR_NOT_AVAILABLE"

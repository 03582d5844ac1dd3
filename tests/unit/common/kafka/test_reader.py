"""What a reader asks about the ends of logs, it is answered, also while admin clients change."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from typing import Any

from confluent_kafka import KafkaError, KafkaException, TopicPartition

from isthmus.kafka.reader import Reader


def not_leader() -> KafkaException:
    """Make a refusal; one that is raised twice would keep what it was raised over."""
    return KafkaException(KafkaError(KafkaError.NOT_LEADER_FOR_PARTITION))


class Offset:
    """An answer."""

    offset = 0


class FakeAdmin:
    """An admin client whose questions are answered by the test."""

    def __init__(self) -> None:
        self.asked: dict[int, Future[Any]] = {}

    def list_offsets(
        self, places: Mapping[TopicPartition, Any], **_options: Any
    ) -> Mapping[TopicPartition, Future[Any]]:
        answers: dict[TopicPartition, Future[Any]] = {place: Future() for place in places}
        self.asked |= {place.partition: answer for place, answer in answers.items()}
        return answers

    def list_topics(self, topic: str | None = None, timeout: float = -1) -> Any:
        raise NotImplementedError


class NoMessages:
    """A consumer that has nothing."""

    def list_topics(self, topic: str, timeout: float) -> None:
        """Find leaders: there is nothing to read of them."""

    def consume(self, _number: int, _timeout: float) -> Sequence[Any]:
        return ()

    def incremental_assign(self, _places: list[TopicPartition]) -> None: ...

    def incremental_unassign(self, _places: list[TopicPartition]) -> None: ...


class World:
    """A reader of so many partitions."""

    def __init__(self, partitions: int) -> None:
        self.admins: list[weakref.ref[FakeAdmin]] = []
        self.answers: list[dict[int, Future[Any]]] = []
        self.reader = Reader(NoMessages(), self._admin)  # type: ignore[arg-type]
        self.readings = [
            self.reader.read("t", one, offset=0, follows=True, on_messages=lambda _: None)
            for one in range(partitions)
        ]

    def _admin(self) -> Any:
        admin = FakeAdmin()
        self.admins.append(weakref.ref(admin))
        self.answers.append(admin.asked)
        return admin


class TestReader:
    def test_keeps_a_client_for_as_long_as_it_owes_an_answer(self) -> None:
        world = World(2)
        world.answers[0].pop(0).set_exception(not_leader())
        world.reader.poll()
        gc.collect()

        assert world.admins[0]() is not None

        world.answers[0][1].set_result(Offset())
        world.answers[1][0].set_result(Offset())
        world.reader.poll()
        gc.collect()

        assert world.admins[0]() is None
        assert all(reading.is_caught_up for reading in world.readings)

    def test_renews_the_client_once_for_all_that_it_failed_to_answer(self) -> None:
        world = World(12)
        for answer in world.answers[0].values():
            answer.set_exception(not_leader())
        world.reader.poll()

        assert len(world.admins) == 2
        assert sorted(world.answers[1]) == list(range(12))

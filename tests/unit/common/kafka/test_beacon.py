from __future__ import annotations

import pytest
from confluent_kafka import KafkaException, TopicPartition

from isthmus.kafka.beacon import Beacon
from isthmus.testing.clock import VirtualClock
from isthmus.testing.cluster import FakeCluster

HELD = ("facts.mapper.held", 3)
PLACES = [TopicPartition("facts", 3)]


class Coordinator:
    """Knows its log only to a point, as one that serves while it loads.

    :param knows: how many commits of the log it has applied when it is asked; one for each time.
    """

    def __init__(self, *log: TopicPartition, knows: list[int]) -> None:
        self.log = list(log)
        self.knows = knows

    def commit(self, *, offsets: list[TopicPartition], asynchronous: bool) -> None:
        assert asynchronous  # librdkafka knows no time-out for the other kind
        self.log += offsets

    def committed(
        self, partitions: list[TopicPartition], timeout: float = -1
    ) -> list[TopicPartition]:
        known = {(one.topic, one.partition): one for one in self.log[: self.knows.pop(0)]}
        return [
            known.get((one.topic, one.partition), TopicPartition(one.topic, one.partition))
            for one in partitions
        ]


def beacon(coordinator: object) -> Beacon:
    return Beacon(coordinator, *HELD, offset=5)  # type: ignore[arg-type]


class TestBeacon:
    def test_takes_an_answer_in_which_its_own_word_stands(self) -> None:
        coordinator = Coordinator(TopicPartition("facts", 3, 17), knows=[2])

        found = beacon(coordinator).committed(PLACES, 1)

        assert found is not None
        assert [one.offset for one in found] == [17]

    def test_takes_no_answer_of_the_past(self) -> None:
        old, new = TopicPartition("facts", 3, 11), TopicPartition("facts", 3, 17)
        coordinator = Coordinator(old, new, knows=[1])

        assert beacon(coordinator).committed(PLACES, 1) is None

    def test_takes_no_answer_in_which_only_an_earlier_word_stands(self) -> None:
        coordinator = Coordinator(TopicPartition("facts", 3, 17), knows=[2, 2])
        light = beacon(coordinator)
        light.committed(PLACES, 1)

        assert light.committed(PLACES, 1) is None

    def test_does_not_take_silence_for_no_commit(self) -> None:
        coordinator = Coordinator(TopicPartition("facts", 3, 17), knows=[0])

        assert beacon(coordinator).committed(PLACES, 1) is None

    def test_stands_at_the_end_of_the_held_keys(self) -> None:
        coordinator = Coordinator(knows=[1])

        beacon(coordinator).committed(PLACES, 1)

        (word,) = coordinator.log
        assert (word.topic, word.partition, word.offset) == (*HELD, 5)

    def test_waits_for_a_transaction_that_is_open(self) -> None:
        cluster = FakeCluster(clock=VirtualClock())
        cluster.create_topic("facts", 4)
        cluster.create_topic("facts.mapper.held", 4)
        group = {"group.id": "mapper", "enable.auto.commit": False}
        consumer = cluster.consumer(group)
        producer = cluster.producer({"transactional.id": "slot"})
        producer.init_transactions(1)
        producer.begin_transaction()
        producer.send_offsets_to_transaction(
            [TopicPartition("facts", 3, 17)], consumer.consumer_group_metadata(), 1
        )

        with pytest.raises(KafkaException):
            Beacon(consumer, *HELD, offset=0).committed(PLACES, 1)
        producer.commit_transaction(1)
        found = Beacon(consumer, *HELD, offset=0).committed(PLACES, 1)

        assert found is not None
        assert found[0].offset == 17

from __future__ import annotations

from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException, TopicPartition

from isthmus.kafka.assignment import at_their_ends
from isthmus.kafka.transactions import Fenced, NotCommitted
from isthmus.testing.clock import VirtualClock

NEW_TOPIC = KafkaException(KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART))
PLACES = [TopicPartition("orders", 0), TopicPartition("orders.retry", 0)]


class Answering:
    """A consumer that answers about one partition after the other what it was given.

    :param answers: the last one is given for ever.
    """

    def __init__(self, clock: VirtualClock, *answers: int | KafkaException | None) -> None:
        self.clock, self.answers = clock, list(answers)
        self.asked: list[tuple[str, float]] = []

    def get_watermark_offsets(self, one: TopicPartition, timeout: float) -> Any:
        self.asked.append((one.topic, timeout))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, KafkaException):
            raise answer
        if answer is None:
            self.clock.advance(timeout)
            return None
        return 0, answer


def ends(clock: VirtualClock, consumer: Any, *, within_s: float = 5) -> list[int]:
    places = at_their_ends(consumer, PLACES, clock=clock, within_s=within_s)
    assert [one.topic for one in places] == ["orders", "orders.retry"]
    return [one.offset for one in places]


class TestAtTheirEnds:
    def test_names_each_end(self) -> None:
        clock = VirtualClock()

        assert ends(clock, Answering(clock, 7, 3)) == [7, 3]

    @pytest.mark.parametrize("first", [NEW_TOPIC, None], ids=["refused", "too-late"])
    def test_asks_again(self, first: Any) -> None:
        clock = VirtualClock()
        consumer = Answering(clock, first, 7, first, 3)

        assert ends(clock, consumer) == [7, 3]
        assert [topic for topic, _ in consumer.asked] == ["orders"] * 2 + ["orders.retry"] * 2

    @pytest.mark.parametrize("always", [NEW_TOPIC, None], ids=["refused", "too-late"])
    def test_gives_up_within_the_bound(self, always: Any) -> None:
        clock = VirtualClock(factor=60)

        with pytest.raises(NotCommitted, match=r"orders 0 was not told.*is its leader up"):
            ends(clock, Answering(clock, always))

        assert 5 <= clock.monotonic() < 5.2

    def test_all_partitions_share_the_bound(self) -> None:
        clock = VirtualClock()
        late = Answering(clock, None, None, 7, None)

        with pytest.raises(NotCommitted, match=r"orders\.retry 0"):
            ends(clock, late, within_s=4)

        assert 4 <= clock.monotonic() < 4.2

    def test_is_fenced_at_once(self) -> None:
        clock = VirtualClock()
        fatal = KafkaException(KafkaError(KafkaError._FATAL, fatal=True))

        with pytest.raises(Fenced):
            ends(clock, Answering(clock, fatal))

        assert clock.monotonic() == 0

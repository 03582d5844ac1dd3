"""Which dead letters are open: what was written, less what somebody dealt with."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from confluent_kafka import KafkaError

from isthmus.kafka import headers as names
from isthmus.kafka.client_settings import table_consumer
from isthmus.kafka.clients import Headers
from isthmus.kafka.open_letters import AGAIN_AFTER_S, UNCOUNTED, OpenLetters
from isthmus.kafka.reader import Reader
from isthmus.messages.control import Audit
from isthmus.ops.settings import KafkaSettings
from isthmus.testing.clock import VirtualClock
from isthmus.testing.cluster import FakeCluster
from isthmus.testing.cluster.consumer import FakeConsumer

from .codecs import a_codec

DLQ = "amazon.orders.mapper.dlq"
AUDIT = "isthmus.audit"
BOTH = [(DLQ, 0), (DLQ, 1)]
SETTINGS = table_consumer(KafkaSettings(bootstrap_servers="x:1"), group="letters")


class Desk:
    """Dead letters, an audit, and who follows them."""

    def __init__(self, *, most: int = 100) -> None:
        self.clock = VirtualClock()
        self.cluster = FakeCluster(clock=self.clock)
        self.cluster.create_topic(DLQ, 2)
        self.cluster.create_topic(AUDIT, 1)
        self.consumers: list[FakeConsumer] = []
        self.codec = a_codec()
        self.letters = OpenLetters(self._reader, AUDIT, self.codec.decode, self.clock, most=most)

    def _reader(self) -> Reader:
        self.consumers.append(self.cluster.consumer(SETTINGS))
        return Reader(self.consumers[-1], lambda: self.cluster.admin({}))

    def bury(self, reason: str, *, partition: int = 0, failed_ms: int = 1000) -> int:
        headers: Headers = [
            (names.REASON_CLASS, reason.encode()),
            (names.FAILED_AT, str(failed_ms).encode()),
        ]
        return self.cluster.append(DLQ, b"raw", key=b"k", partition=partition, headers=headers)

    def audit(self, action: str, offset: int, *, partition: int = 0) -> None:
        entry = Audit(
            at=self.clock.now(),
            by="somebody",
            action=action,
            topic=DLQ,
            group="mapper",
            partition=partition,
            offset=offset,
            key="k",
            detail="",
        )
        self.cluster.append(AUDIT, self.codec.encode(AUDIT, entry))

    def look(self, places: list[tuple[str, int]] | None = None) -> dict[str, int]:
        """Look until all is read; return what is open."""
        for _ in range(50):
            self.letters.look(BOTH if places is None else places)
            self.clock.advance(0.1)
        return {reason: number for reason, number in self.letters.depths(DLQ).items() if number}


class TestOpenLetters:
    def test_are_those_that_nobody_dealt_with(self) -> None:
        desk = Desk()
        desk.bury("bug")
        desk.bury("unknown-sku")
        desk.bury("unknown-sku", partition=1)
        desk.audit("replay", 0)
        desk.audit("discard", 0, partition=1)

        assert desk.look() == {"unknown-sku": 1}
        assert desk.letters.is_known(DLQ)

    def test_stay_open_when_their_key_is_released(self) -> None:
        desk = Desk()
        desk.audit("release", desk.bury("bug"))

        assert desk.look() == {"bug": 1}

    def test_are_followed(self) -> None:
        desk = Desk()
        assert desk.look() == {}
        first = desk.bury("bug")
        assert desk.look() == {"bug": 1}

        desk.audit("discard", first)

        assert desk.look() == {}
        assert desk.letters.oldest_ms(DLQ) is None

    def test_have_an_oldest(self) -> None:
        desk = Desk()
        desk.audit("discard", desk.bury("bug", failed_ms=1000))
        desk.bury("bug", failed_ms=3000)
        desk.bury("bug", partition=1, failed_ms=2000)

        desk.look()

        assert desk.letters.oldest_ms(DLQ) == 2000

    def test_are_not_known_before_they_were_read(self) -> None:
        assert not Desk().letters.is_known(DLQ)

    def test_are_those_of_the_partitions_that_are_owned(self) -> None:
        desk = Desk()
        desk.bury("bug")
        desk.bury("never", partition=1)
        desk.audit("discard", desk.bury("never", partition=1), partition=1)
        assert desk.look([(DLQ, 0)]) == {"bug": 1}

        assert desk.look([(DLQ, 1)]) == {"never": 1}
        assert desk.look([]) == {}

    def test_are_never_fewer_than_they_are_beyond_the_bound(self) -> None:
        desk = Desk(most=2)
        for _ in range(5):
            desk.bury("bug")
        assert desk.look() == {"bug": 2, UNCOUNTED: 3}

        desk.audit("discard", 0)

        assert desk.look() == {"bug": 1, UNCOUNTED: 3}


class TestWhatCannotBeRead:
    @pytest.fixture
    def refused(self) -> Callable[[Desk], None]:
        def refuse(desk: Desk) -> None:
            error = KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED)
            desk.cluster.fail_next(desk.consumers[-1], "consume", error)

        return refuse

    def test_costs_the_metric_and_not_the_worker(self, refused: Callable[[Desk], None]) -> None:
        desk = Desk()
        desk.bury("bug")
        desk.look()

        refused(desk)
        desk.letters.look(BOTH)

        assert not desk.letters.is_known(DLQ)

    def test_is_tried_again(self, refused: Callable[[Desk], None]) -> None:
        desk = Desk()
        desk.bury("bug")
        desk.look()
        refused(desk)
        desk.letters.look(BOTH)

        desk.clock.advance(AGAIN_AFTER_S)

        assert desk.look() == {"bug": 1}
        assert desk.letters.is_known(DLQ)

    def test_garbage_in_the_audit_is_passed_over(self) -> None:
        desk = Desk()
        desk.bury("bug")
        desk.cluster.append(AUDIT, b"garbage")

        assert desk.look() == {"bug": 1}

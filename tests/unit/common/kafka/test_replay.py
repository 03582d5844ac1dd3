from __future__ import annotations

from datetime import UTC, datetime

import pytest

from isthmus.kafka import done_map
from isthmus.kafka import headers as names
from isthmus.kafka.client_settings import table_consumer
from isthmus.kafka.dead_letters import Letters
from isthmus.kafka.done_map import Progress
from isthmus.kafka.letterbox import Act
from isthmus.kafka.positions import PositionLog
from isthmus.kafka.reader import Reader
from isthmus.kafka.replay import Desk, Operator, ReplayInProgress
from isthmus.kafka.transactions import Transactions
from isthmus.ops.settings import KafkaSettings
from isthmus.testing.clock import VirtualClock
from isthmus.testing.cluster import FakeCluster

from .codecs import a_codec, project_topology

TOPIC, GROUP = "amazon.orders", "mapper"
ACT = Act(by="somebody", at=datetime(2026, 11, 24, tzinfo=UTC))
SETTINGS = table_consumer(KafkaSettings(bootstrap_servers="x:1"), group="desk")
KEY = b"acme-us/111-1234567-1234567"


class World:
    """One dead letter of a key, and an operator."""

    def __init__(self) -> None:
        topology = project_topology()
        self.clock = VirtualClock()
        self.cluster = FakeCluster(clock=self.clock, auto_advance=True)
        self.codec = a_codec()
        self.desk = Desk.of(topology, TOPIC, GROUP)
        desk = self.desk
        for topic in (desk.dlq, desk.retry, desk.held, desk.positions, desk.audit):
            self.cluster.create_topic(topic, 1)
        self.operator = Operator(
            desk=desk,
            reader=Reader(self.cluster.consumer(SETTINGS), lambda: self.cluster.admin({})),
            transactions=Transactions(
                clients=self.cluster,
                settings={"transactional.id": "desk"},
                clock=self.clock,
                call_timeout_s=1,
            ),
            codec=self.codec,
            clock=self.clock,
        )
        origin = [
            (names.ORIGIN_TOPIC, TOPIC.encode()),
            (names.ORIGIN_PARTITION, b"0"),
            (names.ORIGIN_OFFSET, b"7"),
        ]
        self.cluster.append(desk.dlq, b"raw", key=KEY, headers=origin)

    def owner_stands_at(self, retry: Progress) -> None:
        log = PositionLog(self.desk.positions, 0, self.codec.encode, self.codec.decode)
        write = log.write(
            done_map.position(TOPIC, 0, Progress(offset=8)),
            done_map.position(self.desk.retry, 0, retry),
        )
        self.cluster.append(write.topic, write.value, key=write.key)

    def replay(self, letters: Letters) -> int:
        return self.operator.replay(letters, letters.open(), ACT)

    def sent_back(self) -> int:
        return len(self.cluster.read_committed(self.desk.retry))


@pytest.fixture
def world() -> World:
    return World()


class TestReplay:
    def test_sends_the_letters_of_a_key_back_and_a_marker_behind_them(self, world: World) -> None:
        assert world.replay(world.operator.look()) == 1
        assert world.sent_back() == 2

    def test_waits_for_an_earlier_one_of_the_key(self, world: World) -> None:
        letters = world.operator.look()
        world.replay(letters)

        with pytest.raises(ReplayInProgress):
            world.replay(letters)

    def test_does_not_overtake_one_that_failed_after_the_letters_were_read(
        self, world: World
    ) -> None:
        world.replay(world.operator.look())
        world.cluster.append(world.desk.dlq, b"later", key=KEY)
        letters = world.operator.look()
        # What was on its way back has failed again meanwhile: its new letter was not read.
        world.owner_stands_at(Progress(offset=world.sent_back() + 1))

        with pytest.raises(ReplayInProgress):
            world.replay(letters)
        assert world.replay(world.operator.look()) == 1

    def test_goes_by_what_the_owner_wrote_down(self, world: World) -> None:
        letters = world.operator.look()
        world.replay(letters)
        world.owner_stands_at(Progress(offset=0, done=frozenset({0, 1, 2})))

        assert world.operator.look().returning == frozenset()

from __future__ import annotations

from datetime import UTC, datetime

from isthmus.kafka import headers as names
from isthmus.kafka.client_settings import table_consumer
from isthmus.kafka.dead_letters import State
from isthmus.kafka.letterbox import Act, Letterbox
from isthmus.kafka.reader import Reader
from isthmus.kafka.source_desk import SourceOperator
from isthmus.kafka.transactions import Transactions
from isthmus.ops.settings import KafkaSettings
from isthmus.testing.clock import VirtualClock
from isthmus.testing.cluster import FakeCluster

from .codecs import a_codec, project_topology

TOPIC, SOURCE = "amazon.orders", "amazon-ingest"
ACT = Act(by="somebody", at=datetime(2026, 11, 24, tzinfo=UTC))
SETTINGS = table_consumer(KafkaSettings(bootstrap_servers="x:1"), group="desk")


def a_desk(cluster: FakeCluster, clock: VirtualClock) -> SourceOperator:
    """Open the desk of amazon-ingest, with two answers that were no orders."""
    topology = project_topology()
    box = Letterbox(
        dlq=topology.dlq(TOPIC, SOURCE),
        audit=topology.audit,
        group=SOURCE,
        reader=Reader(cluster.consumer(SETTINGS), lambda: cluster.admin({})),
        transactions=Transactions(
            clients=cluster, settings={"transactional.id": "desk"}, clock=clock, call_timeout_s=1
        ),
        codec=a_codec(),
        clock=clock,
    )
    for topic in (box.dlq, box.audit):
        cluster.create_topic(topic, 1)
    for raw in (b'{"orderId": 1}', b"<html>"):
        headers = [
            (names.ORIGIN_TOPIC, TOPIC.encode()),
            (names.REASON_CLASS, b"not-an-order"),
            (names.MESSAGE, b"the answer is no order"),
        ]
        cluster.append(box.dlq, raw, key=b"acme-us/111-1234567-1234567", headers=headers)
    return SourceOperator(box)


class TestSourceOperator:
    def test_sees_the_raw_answers_and_why_they_are_no_facts(self) -> None:
        clock = VirtualClock()
        desk = a_desk(FakeCluster(clock=clock, auto_advance=True), clock)

        letters = desk.look()

        assert [one.value for one in letters.open()] == [b'{"orderId": 1}', b"<html>"]
        assert {one.reason_class for one in letters.open()} == {"not-an-order"}
        assert [one.place for one in letters.letters] == ["0/0", "0/1"]

    def test_gives_up_those_that_are_chosen_and_writes_down_who_did_it(self) -> None:
        clock = VirtualClock()
        desk = a_desk(FakeCluster(clock=clock, auto_advance=True), clock)
        letters = desk.look()

        given_up = desk.discard(letters, letters.open()[:1], ACT, why="a test order")

        states = [one.state for one in desk.look().letters]
        assert given_up == 1
        assert states == [State.DISCARDED, State.OPEN]

"""``isthmusctl topics`` on a real Kafka: what it makes, and what it refuses to lose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from typer.testing import CliRunner

from isthmus.cli.topics import app
from isthmus.kafka.local import KafkaCluster
from isthmus.kafka.physical import physical_topics
from isthmus.kafka.provisioning import Provisioner, provisioner
from isthmus.kafka.topic_admin import TopicsRefused
from isthmus.kafka.topic_plan import Deed
from isthmus.kafka.topics import Topology, load
from isthmus.ops.settings import KafkaSettings

LIST: Final = """\
defaults: {partitions: 2, replication: 1, min_insync_replicas: 1}
sources:
  shop-ingest: {accounts: 2}
topics:
  shop.orders:
    doc: Orders.
    record: isthmus.amazon.Order
    key: <account>/<order id>
    partitions: 2
    cleanup: delete
    retention: 30d
    pii: sealed
    producers: [shop-ingest]
    consumers:
      mapper: {exhausted: hold}
  shop.items:
    doc: Items.
    record: isthmus.netsuite.Item
    key: <account>/<item>
    partitions: 2
    cleanup: compact
    retention: 7d
    pii: none
    producers: [shop-ingest]
    tables: [mapper]
"""
PROJECT: Final = Path(__file__).parents[3] / "schemas" / "topics.yaml"


FOUR: Final = ("    partitions: 2\n    cleanup: delete", "    partitions: 4\n    cleanup: delete")


@dataclass(frozen=True)
class World:
    """Topics of one test, in the session's Kafka."""

    bootstrap: str
    prefix: str
    tool: Provisioner
    folder: Path

    def topology(self, *edits: tuple[str, str]) -> Topology:
        """Return the list, with words replaced."""
        text = LIST
        for before, after in edits:
            assert before in text
            text = text.replace(before, after, 1)
        path = self.folder / "topics.yaml"
        path.write_text(text)
        return load(path).renamed(self.prefix)

    def write(self, topic: str, *records: tuple[str, bytes | None], aborted: bool = False) -> None:
        """Write records in a transaction, which leaves its marker behind them."""
        producer = Producer(
            {"bootstrap.servers": self.bootstrap, "transactional.id": f"{self.prefix}test"}
        )
        producer.init_transactions(30)
        producer.begin_transaction()
        for key, value in records:
            producer.produce(self.prefix + topic, key=key, value=value, partition=0)
        if aborted:
            producer.flush(30)
            producer.abort_transaction(30)
        else:
            producer.commit_transaction(30)

    def finish(self, topic: str, offset: int) -> None:
        """Commit as the stopped group would have done: behind its last record, not the marker."""
        consumer = self._member()
        place = TopicPartition(self.prefix + topic, 0, offset)
        consumer.commit(offsets=[place], asynchronous=False)
        consumer.close()

    def member(self, topic: str) -> Consumer:
        """Return a member of the group that is working."""
        consumer = self._member()
        consumer.subscribe([self.prefix + topic])
        while not consumer.assignment():
            consumer.poll(0.1)
        return consumer

    def _member(self) -> Consumer:
        return Consumer(
            {
                "bootstrap.servers": self.bootstrap,
                "group.id": f"{self.prefix}mapper",
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
            }
        )

    def partitions(self, topic: str) -> int:
        """Ask Kafka how many partitions there are."""
        name = self.prefix + topic
        metadata = AdminClient({"bootstrap.servers": self.bootstrap}).list_topics(name, timeout=30)
        return len(metadata.topics[name].partitions)


@pytest.fixture
def world(kafka: KafkaCluster, unique: str, tmp_path: Path) -> Iterator[World]:
    settings = KafkaSettings(bootstrap_servers=kafka.bootstrap_servers)
    with provisioner(settings) as tool:
        yield World(kafka.bootstrap_servers, f"t{unique}-", tool, tmp_path)


@pytest.fixture
def ready(world: World) -> World:
    """Give a world whose topics exist."""
    world.tool.apply(world.topology())
    return world


class TestApply:
    def test_makes_every_topic_of_the_list_and_then_has_nothing_to_do(self, world: World) -> None:
        topology = world.topology()

        done = world.tool.apply(topology)

        assert {change.deed for change in done.changes} == {Deed.CREATE}
        assert len(done.changes) == len(physical_topics(topology))
        assert world.tool.plan(topology).changes == ()

    def test_makes_the_project_s_own_topics(self, world: World) -> None:
        topology = load(PROJECT).renamed(world.prefix).replicated(1)

        world.tool.apply(topology)

        plan = world.tool.plan(topology)
        assert plan.changes == ()
        assert plan.refusals == ()

    def test_raises_what_may_rise(self, ready: World) -> None:
        topology = ready.topology(("retention: 30d", "retention: 60d"))

        [change] = ready.tool.apply(topology).changes

        assert change.detail == "retention.ms 2592000000 -> 5184000000"
        assert ready.tool.plan(topology).changes == ()

    def test_hands_out_more_accounts_at_any_time(self, ready: World) -> None:
        topology = ready.topology(("accounts: 2", "accounts: 5"))

        ready.tool.apply(topology)

        assert ready.partitions("shop-ingest.accounts") == 5

    def test_does_nothing_at_all_where_something_is_refused(self, ready: World) -> None:
        topology = ready.topology(
            ("accounts: 2", "accounts: 5"), ("retention: 30d", "retention: 1d")
        )

        with pytest.raises(TopicsRefused, match=r"retention\.ms is 2592000000, 86400000 is wanted"):
            ready.tool.apply(topology)

        assert ready.partitions("shop-ingest.accounts") == 2

    @pytest.mark.parametrize(
        ("edit", "words"),
        [
            (("partitions: 2\n    cleanup: delete", "partitions: 1\n    cleanup: delete"), "take"),
            (
                (
                    "cleanup: delete\n    retention: 30d\n    pii: sealed",
                    "cleanup: compact\n    retention: 30d\n    pii: none",
                ),
                "cleanup.policy is delete",
            ),
            (("replication: 1", "replication: 2"), "has 1 replicas, 2 are wanted"),
        ],
    )
    def test_refuses_what_would_lose(self, ready: World, edit: tuple[str, str], words: str) -> None:
        no_group = ("    consumers:\n      mapper: {exhausted: hold}\n", "")
        topology = ready.topology(edit, *([no_group] if "compact" in edit[1] else []))

        with pytest.raises(TopicsRefused, match=words):
            ready.tool.apply(topology)


class TestGrowing:
    def test_takes_the_whole_family_along(self, ready: World) -> None:
        ready.tool.apply(ready.topology(FOUR))

        for topic in ("shop.orders", "shop.orders.mapper.retry", "shop.orders.mapper.held"):
            assert ready.partitions(topic) == 4

    def test_is_allowed_once_the_stopped_group_has_finished_everything(self, ready: World) -> None:
        ready.write("shop.orders", ("a/1", b"1"), ("a/2", b"2"))
        ready.write("shop.orders", ("a/3", b"3"), aborted=True)
        ready.write("shop.orders.mapper.held", ("a/1", b"held"))
        ready.write("shop.orders.mapper.held", ("a/1", None))
        ready.finish("shop.orders", 2)

        ready.tool.apply(ready.topology(FOUR))

        assert ready.partitions("shop.orders") == 4

    @pytest.mark.parametrize(
        ("topic", "words"),
        [
            ("shop.orders", r"shop\.orders holds records that \S+mapper has not finished"),
            ("shop.orders.mapper.retry", r"mapper\.retry holds records that"),
            ("shop.orders.mapper.held", r"1 keys are held"),
        ],
    )
    def test_is_refused_while_anything_of_a_key_is_left(
        self, ready: World, topic: str, words: str
    ) -> None:
        ready.write(topic, ("a/1", b"left"))

        with pytest.raises(TopicsRefused, match=words):
            ready.tool.apply(ready.topology(FOUR))

        assert ready.partitions("shop.orders") == 2
        assert ready.partitions("shop.orders.mapper.retry") == 2

    def test_is_refused_while_the_group_works(self, ready: World) -> None:
        member = ready.member("shop.orders")
        try:
            with pytest.raises(TopicsRefused, match=r"group \S+mapper is stable, not stopped"):
                ready.tool.apply(ready.topology(FOUR))
        finally:
            member.close()

    def test_is_refused_for_a_table_with_rows(self, ready: World) -> None:
        ready.write("shop.items", ("a/1", b"row"))
        four = ("partitions: 2\n    cleanup: compact", "partitions: 4\n    cleanup: compact")

        with pytest.raises(TopicsRefused, match="is not empty, and is read from its beginning"):
            ready.tool.apply(ready.topology(four))


class TestCommandLine:
    @pytest.fixture(autouse=True)
    def _environment(self, kafka: KafkaCluster, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ISTHMUS_KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrap_servers)
        monkeypatch.setenv("COLUMNS", "160")

    def run(self, world: World, *words: str) -> tuple[int, str]:
        world.topology()
        options = ["--file", str(world.folder / "topics.yaml"), "--prefix", world.prefix]
        result = CliRunner().invoke(app, [*words, *options])
        return result.exit_code, result.output

    def test_shows_the_plan_and_leaves_kafka_alone(self, world: World) -> None:
        code, output = self.run(world, "plan")

        assert code == 0
        assert f"{world.prefix}shop.orders.mapper.retry" in output
        assert "2 partitions, 1 replicas, delete, kept for ever" in output
        wanted = list(physical_topics(world.topology()))
        assert len(world.tool.plan(world.topology()).changes) == len(wanted) >= 9

    def test_carries_it_out(self, world: World) -> None:
        assert self.run(world, "apply")[0] == 0
        assert self.run(world, "plan") == (0, "topics: all as the list says\n")

    def test_ends_with_one_and_the_reason_where_something_is_refused(self, ready: World) -> None:
        code, output = self.run(ready, "plan", "--replication", "3")

        assert code == 1
        assert "has 1 replicas, 3 are wanted" in output
        assert "Remedy: " in output

    def test_says_so_when_nobody_answers(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ISTHMUS_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
        monkeypatch.setenv("ISTHMUS_KAFKA_CALL_TIMEOUT_S", "1")

        code, output = self.run(world, "apply")

        assert code == 1
        assert "Kafka does not tell its topics" in output

"""The list of topics: what it says, and what it refuses, with file, line and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from isthmus.kafka.physical import PhysicalTopic, Role, physical_topics
from isthmus.kafka.policy import Exhausted
from isthmus.kafka.topics import Topology, UnknownTopic, load
from isthmus.ops.configuration import ConfigurationError

LIST = """\
defaults:
  partitions: 6
sources:
  shop-ingest:
    accounts: 4
topics:
  shop.orders:
    doc: Orders.
    record: isthmus.shop.Order
    key: <account>/<order id>
    cleanup: delete
    retention: 30d
    pii: sealed
    producers: [shop-ingest]
    consumers:
      mapper: {exhausted: hold}
  shop.keys:
    doc: Keys.
    record: isthmus.shop.Key
    key: <account>/<order id>
    partitions: {as: shop.orders}
    cleanup: compact
    retention: 12h
    pii: none
    producers: [mapper]
    tables: [mapper]
  isthmus.control:
    doc: Pauses.
    record: isthmus.control.Control
    key: <workload>
    partitions: 1
    cleanup: compact
    retention: 7d
    pii: none
    producers: [isthmusctl]
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "topics.yaml"


def loaded(path: Path, text: str = LIST) -> Topology:
    path.write_text(text)
    return load(path)


def by_name(topology: Topology) -> dict[str, PhysicalTopic]:
    return {topic.name: topic for topic in physical_topics(topology)}


class TestLoad:
    def test_gives_topics_the_partitions_of_their_model(self, path: Path) -> None:
        topology = loaded(path)

        assert topology.topic("shop.keys").partitions == 6
        assert topology.topic("shop.keys").partitions_as == "shop.orders"
        assert topology.topic("isthmus.control").partitions == 1

    @pytest.mark.parametrize(
        ("good", "bad", "line", "words"),
        [
            ("retention: 12h", "retention: soon", 23, "such as 30d or 12h, or forever"),
            ("retention: 30d", "retention: 0d", 12, "such as 30d or 12h, or forever"),
            ("cleanup: delete", "cleanup: shred", 11, "'delete' or 'compact'"),
            ("cleanup: delete", "cleanup: compact", 7, "personal data is never compacted"),
            ("retention: 30d", "retention: 30d\n    expires: 90d", 7, "only a compacted topic"),
            ("pii: sealed", "pii: open", 13, "'none' or 'sealed'"),
            ("exhausted: hold", "exhausted: drop", 16, "'hold' or 'skip'"),
            ("record: isthmus.shop.Key", "record: key", 19, "pattern"),
            ("partitions: 1\n", "partitions: 0\n", 31, "greater than or equal to 1"),
            ("as: shop.orders", "as: shop.order", 21, "not in the list"),
            ("as: shop.orders", "as: shop.keys", 21, "write `as: shop.keys`"),
            ("producers: [mapper]", "produced_by: [mapper]", 25, "not permitted"),
            ("  shop.keys:", "  shop.orders:", 17, "stands twice, first on line 7"),
            ("partitions: 6", "partitions: 6\n  replication: 1", 1, "more replicas"),
            ("tables: [mapper]", "tables: mapper", 26, "tuple"),
            ("  mapper: {", "  mapper: [", 16, "is not YAML"),
            ("shop.orders:\n", f"shop.orders-{'x' * 240}:\n", 16, "249 characters"),
        ],
    )
    def test_tells_file_line_and_remedy(
        self, path: Path, good: str, bad: str, line: int, words: str
    ) -> None:
        assert good in LIST

        with pytest.raises(ConfigurationError) as refused:
            loaded(path, LIST.replace(good, bad, 1))

        mine = [str(p) for p in refused.value.problems if words in str(p)]
        assert mine, refused.value
        assert mine[0].startswith(f"{path}:{line}: ")
        assert "Remedy: " in mine[0]

    def test_refuses_tables_of_topics_that_grow_old(self, path: Path) -> None:
        text = LIST.replace(
            "    consumers:\n      mapper: {exhausted: hold}", "    tables: [mapper]"
        )

        with pytest.raises(ConfigurationError, match="only a compacted topic"):
            loaded(path, text)

    def test_refuses_groups_on_compacted_topics(self, path: Path) -> None:
        text = LIST.replace("    tables: [mapper]", "    consumers: {mapper: {exhausted: skip}}")

        with pytest.raises(ConfigurationError, match="read as a table"):
            loaded(path, text)

    def test_tells_everything_at_once(self, path: Path) -> None:
        text = LIST.replace("pii: none", "pii: no").replace("cleanup: delete", "cleanup: burn")

        with pytest.raises(ConfigurationError) as refused:
            loaded(path, text)

        assert len(refused.value.problems) == 3

    def test_names_a_file_that_is_not_there(self, path: Path) -> None:
        with pytest.raises(ConfigurationError, match=f"{path}: cannot be read"):
            load(path)


class TestTopology:
    def test_names_what_a_group_brings_along(self, path: Path) -> None:
        topology = loaded(path)

        assert topology.retry("shop.orders", "mapper") == "shop.orders.mapper.retry"
        assert topology.dlq("shop.orders", "mapper") == "shop.orders.mapper.dlq"
        assert topology.held("shop.orders", "mapper") == "shop.orders.mapper.held"
        assert topology.accounts("shop-ingest") == "shop-ingest.accounts"
        assert topology.checkpoints("shop-ingest") == "shop-ingest.checkpoints"
        assert topology.consumed_by("mapper") == {"shop.orders": Exhausted.HOLD}

    def test_refuses_a_topic_that_is_not_in_the_list(self, path: Path) -> None:
        with pytest.raises(UnknownTopic, match=r"shop\.orderz is not in the list"):
            loaded(path).retry("shop.orderz", "mapper")

    def test_knows_everybody_who_is_named(self, path: Path) -> None:
        assert loaded(path).workloads() == {"shop-ingest", "mapper", "isthmusctl"}


class TestRenamed:
    def test_takes_either_name_and_gives_that_in_kafka(self, path: Path) -> None:
        copy = loaded(path).renamed("t1-")

        assert copy.name("shop.orders") == copy.name("t1-shop.orders") == "t1-shop.orders"
        assert copy.retry("t1-shop.orders", "t1-mapper") == "t1-shop.orders.mapper.retry"
        assert copy.group("mapper") == copy.group("t1-mapper") == "t1-mapper"
        assert copy.accounts("shop-ingest") == "t1-shop-ingest.accounts"
        assert copy.control == "t1-isthmus.control"
        assert copy.consumed_by("t1-mapper") == {"t1-shop.orders": Exhausted.HOLD}

    @pytest.mark.parametrize("prefix", ["shop", "shop-", "map"])
    def test_refuses_a_prefix_that_a_name_begins_with(self, path: Path, prefix: str) -> None:
        with pytest.raises(ConfigurationError, match="is also the beginning of"):
            loaded(path).renamed(prefix)

    def test_may_be_taken_back(self, path: Path) -> None:
        assert loaded(path).renamed("t1-").renamed("").name("shop.orders") == "shop.orders"

    def test_leaves_no_topic_or_group_without_the_prefix(self, path: Path) -> None:
        for topic in physical_topics(loaded(path).renamed("t1-")):
            assert topic.name.startswith("t1-")
            assert topic.family.startswith("t1-")
            assert all(group.startswith("t1-") for group in topic.groups)


class TestPhysicalTopics:
    def test_are_all_that_follow_from_the_list(self, path: Path) -> None:
        assert {name: topic.role for name, topic in by_name(loaded(path)).items()} == {
            "shop.orders": Role.LISTED,
            "shop.orders.mapper.retry": Role.RETRY,
            "shop.orders.mapper.dlq": Role.DLQ,
            "shop.orders.mapper.held": Role.HELD,
            "shop.orders.mapper.positions": Role.POSITIONS,
            "shop.orders.shop-ingest.dlq": Role.DLQ,
            "shop.keys": Role.LISTED,
            "isthmus.control": Role.LISTED,
            "shop-ingest.accounts": Role.ACCOUNTS,
            "shop-ingest.checkpoints": Role.CHECKPOINTS,
        }

    def test_of_one_key_are_one_family_of_equal_partitions(self, path: Path) -> None:
        family = [t for t in by_name(loaded(path)).values() if t.family == "shop.orders"]

        assert len(family) == 7
        assert {topic.partitions for topic in family} == {6}

    def test_keep_what_was_parked_or_given_up_for_ever_and_with_room(self, path: Path) -> None:
        topics = by_name(loaded(path))
        room = int(topics["shop.orders"].config["max.message.bytes"]) + 65_536

        for name in ("shop.orders.mapper.retry", "shop.orders.mapper.dlq"):
            assert topics[name].config["retention.ms"] == "-1"
            assert topics[name].config["cleanup.policy"] == "delete"
            assert topics[name].config["max.message.bytes"] == str(room)

    def test_purge_from_disk_within_a_day(self, path: Path) -> None:
        config = by_name(loaded(path))["shop.keys"].config

        assert config["cleanup.policy"] == "compact"
        assert config["max.compaction.lag.ms"] == "86400000"
        assert config["delete.retention.ms"] == str(12 * 3_600_000)

    def test_let_the_last_value_go_too_where_it_expires(self, path: Path) -> None:
        text = LIST.replace("retention: 12h", "retention: 12h\n    expires: 90d")

        config = by_name(loaded(path, text))["shop.keys"].config

        assert config["cleanup.policy"] == "compact,delete"
        assert config["retention.ms"] == str(90 * 86_400_000)
        assert config["delete.retention.ms"] == str(12 * 3_600_000)

    def test_carry_release_markers_only_where_records_are_retried(self, path: Path) -> None:
        topics = by_name(loaded(path))

        assert topics["shop.orders.mapper.retry"].records == (
            "isthmus.shop.Order",
            "isthmus.control.Release",
        )
        assert topics["shop.orders"].records == ("isthmus.shop.Order",)

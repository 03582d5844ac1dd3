"""What is done to topics, and what is refused because something would be lost or overtake."""

from __future__ import annotations

from dataclasses import replace

import pytest

from isthmus.kafka.physical import PhysicalTopic, Role
from isthmus.kafka.topic_plan import Actual, Deed, Plan, growing, plan

CONFIG = {"cleanup.policy": "delete", "retention.ms": "86400000", "max.message.bytes": "1000"}


def a_topic(name: str = "shop.orders", **fields: object) -> PhysicalTopic:
    topic = PhysicalTopic(
        name=name,
        role=Role.LISTED,
        records=("isthmus.shop.Order",),
        partitions=6,
        keyed=True,
        family="shop.orders",
        groups=("mapper",),
        config=CONFIG,
    )
    return replace(topic, **fields)  # type: ignore[arg-type]


def as_it_is(topic: PhysicalTopic, **config: str) -> Actual:
    return Actual(partitions=topic.partitions, replication=3, config={**topic.config, **config})


def planned(
    *topics: PhysicalTopic,
    actual: dict[str, Actual],
    obstacles: dict[str, tuple[str, ...]] | None = None,
) -> Plan:
    return plan(topics, actual, replication=3, obstacles=obstacles or {})


class TestPlan:
    def test_creates_what_is_missing(self) -> None:
        [change] = planned(a_topic(), actual={}).changes

        assert change.deed is Deed.CREATE
        assert change.config == CONFIG
        assert change.detail == "6 partitions, 3 replicas, delete, 1 d"

    def test_leaves_alone_what_is_right(self) -> None:
        topic = a_topic()

        assert planned(topic, actual={topic.name: as_it_is(topic)}) == Plan((), ())

    def test_alters_settings(self) -> None:
        topic = a_topic()
        actual = as_it_is(topic, **{"max.message.bytes": "999"})

        [change] = planned(topic, actual={topic.name: actual}).changes

        assert change.deed is Deed.ALTER
        assert change.config == {"max.message.bytes": "1000"}
        assert change.detail == "max.message.bytes 999 -> 1000"

    def test_grows_what_nothing_stands_against(self) -> None:
        topic = a_topic()
        actual = replace(as_it_is(topic), partitions=4)

        result = planned(topic, actual={topic.name: actual})

        assert [change.detail for change in result.changes] == ["4 -> 6 partitions"]
        assert result.refusals == ()


class TestRefusals:
    def test_keep_partitions(self) -> None:
        topic = a_topic()
        actual = replace(as_it_is(topic), partitions=12)

        [refusal] = planned(topic, actual={topic.name: actual}).refusals

        assert "Kafka cannot take partitions away" in refusal.what
        assert refusal.remedy == "set partitions: 12 in schemas/topics.yaml"

    @pytest.mark.parametrize(("before", "after"), [("delete", "compact"), ("compact", "delete")])
    def test_keep_the_cleanup(self, before: str, after: str) -> None:
        topic = a_topic(config={**CONFIG, "cleanup.policy": after})
        actual = as_it_is(topic, **{"cleanup.policy": before})

        [refusal] = planned(topic, actual={topic.name: actual}).refusals

        assert f"cleanup.policy is {before}, {after} is wanted" in refusal.what

    @pytest.mark.parametrize(
        ("setting", "before", "after"),
        [
            ("retention.ms", "-1", "86400000"),
            ("retention.ms", "86400001", "86400000"),
            ("delete.retention.ms", "2", "1"),
            ("max.message.bytes", "1001", "1000"),
        ],
    )
    def test_keep_what_must_not_fall(self, setting: str, before: str, after: str) -> None:
        topic = a_topic(config={**CONFIG, setting: after})
        actual = as_it_is(topic, **{setting: before})

        [refusal] = planned(topic, actual={topic.name: actual}).refusals

        assert f"{setting} is {before}, {after} is wanted" in refusal.what
        assert "by hand" in refusal.remedy

    @pytest.mark.parametrize(("before", "after"), [("86400000", "-1"), ("1", "2"), ("-1", "-1")])
    def test_let_retention_rise(self, before: str, after: str) -> None:
        topic = a_topic(config={**CONFIG, "retention.ms": after})
        actual = as_it_is(topic, **{"retention.ms": before})

        assert planned(topic, actual={topic.name: actual}).refusals == ()

    def test_leave_replicas_to_the_tool_that_moves_them(self) -> None:
        topic = a_topic()
        actual = replace(as_it_is(topic), replication=1)

        [refusal] = planned(topic, actual={topic.name: actual}).refusals

        assert "has 1 replicas, 3 are wanted" in refusal.what
        assert "kafka-reassign-partitions" in refusal.remedy


class TestFamilies:
    def test_grow_together_or_not_at_all(self) -> None:
        orders, retry = a_topic(), a_topic("shop.orders.mapper.retry")
        actual = {one.name: replace(as_it_is(one), partitions=4) for one in (orders, retry)}

        result = planned(orders, retry, actual=actual, obstacles={retry.name: ("3 are parked",)})

        [refusal] = result.refusals
        assert refusal.where == "shop.orders, shop.orders.mapper.retry"
        assert "keys would move to other partitions while 3 are parked" in refusal.what

    def test_do_not_answer_for_each_other(self) -> None:
        orders = a_topic()
        items = a_topic("shop.items", family="shop.items")
        actual = {one.name: replace(as_it_is(one), partitions=4) for one in (orders, items)}

        result = planned(orders, items, actual=actual, obstacles={items.name: ("is not empty",)})

        assert [refusal.where for refusal in result.refusals] == ["shop.items"]


class TestGrowing:
    def test_are_only_topics_that_exist_with_fewer(self) -> None:
        small, right, new = a_topic("a.a"), a_topic("b.b"), a_topic("c.c")
        actual = {"a.a": replace(as_it_is(small), partitions=1), "b.b": as_it_is(right)}

        assert growing((small, right, new), actual) == (small,)

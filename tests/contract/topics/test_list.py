"""The project's list of topics and the code that relies on it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from isthmus.kafka.physical import Role, physical_topics
from isthmus.kafka.topics import Topology, load
from isthmus.kafka.topology import Cleanup

ROOT: Final = Path(__file__).parents[3]
TOOL: Final = "isthmusctl"
KAFKA_NAME_MAX: Final = 249


@pytest.fixture(scope="module")
def topology() -> Topology:
    return load(ROOT / "schemas/topics.yaml")


class TestTheList:
    def test_names_only_workloads_that_there_are(self, topology: Topology) -> None:
        services = {path.parent.name for path in ROOT.glob("services/*/pyproject.toml")}

        for workload in topology.workloads() - {TOOL}:
            # A service of several workloads names each `<service>-<workload>`.
            assert any(
                workload == service or workload.startswith(f"{service}-") for service in services
            ), workload

    def test_has_the_topics_that_the_core_asks_for(self, topology: Topology) -> None:
        assert topology.control == "isthmus.control"
        assert topology.audit == "isthmus.audit"
        assert topology.order_keys == "isthmus.order-keys"

    def test_brings_what_belongs_to_an_order_into_equal_partitions(
        self, topology: Topology
    ) -> None:
        for name in ("netsuite.order-commands", "isthmus.order-keys"):
            assert topology.topic(name).partitions_as == "amazon.orders"

    def test_gives_every_consumed_record_a_retry_of_equal_partitions(
        self, topology: Topology
    ) -> None:
        physical = {topic.name: topic for topic in physical_topics(topology)}

        for topic in topology.topics.values():
            for group in topic.consumers:
                for name in (
                    topology.retry(topic.name, group),
                    topology.dlq(topic.name, group),
                    topology.held(topic.name, group),
                    topology.positions(topic.name, group),
                ):
                    assert physical[name].partitions == topic.partitions

    def test_never_compacts_personal_data(self, topology: Topology) -> None:
        sealed = [topic for topic in topology.topics.values() if topic.pii]

        assert sealed
        assert all(topic.cleanup is Cleanup.DELETE for topic in sealed)

    def test_has_only_names_that_kafka_takes_and_tells_apart(self, topology: Topology) -> None:
        names = [topic.name for topic in physical_topics(topology)]

        assert len(set(names)) == len(names)
        assert all(len(name) <= KAFKA_NAME_MAX and "_" not in name for name in names)

    def test_leaves_room_for_a_dead_letter_around_the_largest_record(
        self, topology: Topology
    ) -> None:
        physical = {topic.name: topic for topic in physical_topics(topology)}
        largest = int(physical["amazon.orders"].config["max.message.bytes"])

        for topic in physical.values():
            if topic.role in {Role.DLQ, Role.RETRY}:
                assert int(topic.config["max.message.bytes"]) == largest + 65_536

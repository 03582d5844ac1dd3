from __future__ import annotations

import socket
from pathlib import Path

import pytest
import yaml

from isthmus.kafka.local.jars import KAFKA_VERSION
from isthmus.kafka.local.properties import (
    HOST,
    PORTS,
    Ports,
    broker_properties,
    container_properties,
    environment,
    free_ports,
    node_properties,
    render,
)

ROOT = Path(__file__).parents[5]
COPIES = (
    "default.replication.factor",
    "offsets.topic.replication.factor",
    "transaction.state.log.replication.factor",
    "share.coordinator.state.topic.replication.factor",
)
LEAST = (
    "min.insync.replicas",
    "transaction.state.log.min.isr",
    "share.coordinator.state.topic.min.isr",
)


class TestBrokerProperties:
    @pytest.mark.parametrize(("nodes", "copies", "least"), [(1, "1", "1"), (3, "3", "2")])
    def test_keep_as_many_copies_as_there_are_nodes(
        self, nodes: int, copies: str, least: str
    ) -> None:
        properties = broker_properties(nodes=nodes)

        assert {properties[name] for name in COPIES} == {copies}
        assert {properties[name] for name in LEAST} == {least}


class TestNodeProperties:
    def test_tell_a_node_its_own_ports_and_all_the_voters(self) -> None:
        ports = [Ports(1, 2), Ports(3, 4), Ports(5, 6)]

        properties = node_properties(node=2, ports=ports, data=Path("/data"))

        assert properties["node.id"] == "2"
        assert properties["listeners"] == "PLAINTEXT://127.0.0.1:3,CONTROLLER://127.0.0.1:4"
        assert properties["advertised.listeners"] == "PLAINTEXT://127.0.0.1:3"
        assert properties["controller.quorum.voters"] == (
            "1@127.0.0.1:2,2@127.0.0.1:4,3@127.0.0.1:6"
        )
        assert properties["log.dirs"] == "/data"


class TestRender:
    def test_writes_a_line_each_and_escapes_the_backslash(self) -> None:
        assert render({"a.b": "1", "log.dirs": r"C:\kafka"}) == "a.b=1\nlog.dirs=C:\\\\kafka\n"


class TestDockerCompose:
    def test_tells_the_broker_what_the_other_modes_tell_it(self) -> None:
        service = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["kafka"]

        advertised = {"CLIENTS": "127.0.0.1:9092", "INTERNAL": "kafka:19092"}
        expected = environment(container_properties(advertised=advertised))
        assert service["image"] == f"apache/kafka:{KAFKA_VERSION}"
        assert service["environment"] == expected | {
            "CLUSTER_ID": service["environment"]["CLUSTER_ID"]
        }

    def test_publishes_on_this_machine_alone(self) -> None:
        service = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["kafka"]

        assert service["ports"] == ["127.0.0.1:9092:9092"]


class TestFreePorts:
    def test_are_different_and_out_of_the_way_of_outgoing_connections(self) -> None:
        ports = free_ports(50)

        assert len(set(ports)) == 50
        assert set(ports) <= set(PORTS)
        assert max(PORTS) < 32_768

    def test_can_be_bound(self) -> None:
        [port] = free_ports(1)

        with socket.socket() as listener:
            listener.bind((HOST, port))

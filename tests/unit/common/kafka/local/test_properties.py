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
    controller_properties,
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
    def test_tell_a_broker_its_own_port_and_the_controller(self) -> None:
        ports = Ports(controller=9, brokers=[1, 3, 5])

        properties = node_properties(node=2, ports=ports, data=Path("/data"))

        assert properties["process.roles"] == "broker"
        assert properties["node.id"] == "2"
        assert properties["listeners"] == "PLAINTEXT://127.0.0.1:3"
        assert properties["advertised.listeners"] == "PLAINTEXT://127.0.0.1:3"
        assert properties["controller.quorum.voters"] == "100@127.0.0.1:9"
        assert properties["default.replication.factor"] == "3"
        assert properties["log.dirs"] == "/data"


class TestControllerProperties:
    def test_tell_it_its_port_and_that_it_is_no_broker(self) -> None:
        ports = Ports(controller=9, brokers=[1])

        properties = controller_properties(ports=ports, data=Path("/data"))

        assert properties["process.roles"] == "controller"
        assert properties["node.id"] == "100"
        assert properties["listeners"] == "CONTROLLER://127.0.0.1:9"
        assert properties["controller.quorum.voters"] == "100@127.0.0.1:9"


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

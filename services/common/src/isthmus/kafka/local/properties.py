"""What a local broker is told: the same words in every mode."""

from __future__ import annotations

import random
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

Properties = dict[str, str]

HOST: Final = "127.0.0.1"
# Below the ephemeral ports of Linux and macOS: while a killed broker is down, no outgoing
# connection may take its port, and no client may connect to itself there.
PORTS: Final = range(20_000, 32_000)


CONTROLLER: Final = 100


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the processes of a cluster listen.

    :param brokers: of nodes 1, 2, ... in their order.
    """

    controller: int
    brokers: Sequence[int]

    @property
    def voters(self) -> str:
        """Return the controller as all processes must know it."""
        return f"{CONTROLLER}@{HOST}:{self.controller}"


def broker_properties(*, nodes: int) -> Properties:
    """Return what does not depend on where a broker listens, keeps its data, and is led from."""
    copies, least = str(nodes), str(min(2, nodes))
    return {
        "controller.listener.names": "CONTROLLER",
        "default.replication.factor": copies,
        "min.insync.replicas": least,
        "offsets.topic.replication.factor": copies,
        "offsets.topic.num.partitions": "4",
        "transaction.state.log.replication.factor": copies,
        "transaction.state.log.min.isr": least,
        "transaction.state.log.num.partitions": "4",
        "share.coordinator.state.topic.replication.factor": copies,
        "share.coordinator.state.topic.min.isr": least,
        "group.initial.rebalance.delay.ms": "0",
        "auto.create.topics.enable": "false",
        # The default takes 128 MiB of heap from every broker.
        "log.cleaner.dedupe.buffer.size": str(16 * 1024 * 1024),
        # A killed broker comes back only after its session: a broker alone need not be patient.
        "broker.session.timeout.ms": "2000" if nodes == 1 else "6000",
        "broker.heartbeat.interval.ms": "500" if nodes == 1 else "1000",
    }


def node_properties(*, node: int, ports: Ports, data: Path) -> Properties:
    """Return all that broker ``node`` (from 1) of an embedded cluster is told."""
    listener = f"PLAINTEXT://{HOST}:{ports.brokers[node - 1]}"
    return {
        **broker_properties(nodes=len(ports.brokers)),
        "process.roles": "broker",
        "node.id": str(node),
        "listeners": listener,
        "advertised.listeners": listener,
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "controller.quorum.voters": ports.voters,
        "log.dirs": str(data),
    }


def controller_properties(*, ports: Ports, data: Path) -> Properties:
    """Return all that the controller of an embedded cluster is told."""
    return {
        **broker_properties(nodes=len(ports.brokers)),
        "process.roles": "controller",
        "node.id": str(CONTROLLER),
        "listeners": f"CONTROLLER://{HOST}:{ports.controller}",
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "controller.quorum.voters": ports.voters,
        "log.dirs": str(data),
    }


def container_properties(*, advertised: Mapping[str, str]) -> Properties:
    """Return all that the one broker in a container is told.

    :param advertised: the addresses of the listeners CLIENTS (port 9092 in the container, for the
        machine outside) and INTERNAL (port 19092, for the broker itself and other containers).
    """
    return {
        **broker_properties(nodes=1),
        "process.roles": "broker,controller",
        "node.id": "1",
        "listeners": "CLIENTS://0.0.0.0:9092,INTERNAL://0.0.0.0:19092,CONTROLLER://127.0.0.1:9093",
        "advertised.listeners": ",".join(f"{name}://{at}" for name, at in advertised.items()),
        "listener.security.protocol.map": (
            "CONTROLLER:PLAINTEXT,CLIENTS:PLAINTEXT,INTERNAL:PLAINTEXT"
        ),
        "inter.broker.listener.name": "INTERNAL",
        "controller.quorum.voters": "1@127.0.0.1:9093",
        "log.dirs": "/var/lib/kafka/data",
    }


def render(properties: Properties) -> str:
    """Return a Java properties file."""
    return "".join(f"{name}={_escaped(value)}\n" for name, value in properties.items())


def environment(properties: Properties) -> dict[str, str]:
    """Return the variables that tell the official image the same."""
    return {f"KAFKA_{name.replace('.', '_').upper()}": text for name, text in properties.items()}


def free_ports(count: int) -> list[int]:
    """Return ports of this machine that nobody listens on at this moment."""
    found: list[int] = []
    while len(found) < count:
        port = random.choice(PORTS)
        if port not in found and _is_free(port):
            found.append(port)
    return found


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\")

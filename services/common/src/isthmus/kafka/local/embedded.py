"""Apache Kafka as child processes of this one: no Docker, no Maven, no installation.

The controller has a process of its own, as in production. A broker that is its own controller
starts from a past in which it still leads its partitions: its coordinators load twice, and answer
from half a log or forget a transaction (docs/adr/0011).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from isthmus.kafka.local.answers import wait_for_brokers
from isthmus.kafka.local.class_archive import archive_flags
from isthmus.kafka.local.errors import LocalKafkaUnavailable
from isthmus.kafka.local.guard import Guard
from isthmus.kafka.local.jars import KAFKA_VERSION, fetched, locked_files
from isthmus.kafka.local.java import find_java, java_candidates
from isthmus.kafka.local.node import Node, NodeFolder, PortTaken
from isthmus.kafka.local.program import Program
from isthmus.kafka.local.properties import (
    CONTROLLER,
    HOST,
    Ports,
    controller_properties,
    free_ports,
    node_properties,
)
from isthmus.kafka.local.settings import EmbeddedSettings
from isthmus.kafka.local.storage import format_storage, is_in_use

JAVA_LEAST: Final = 17
_PORT_ATTEMPTS: Final = 3


class EmbeddedCluster:
    """One or three brokers that can be killed and started again, and their controller."""

    mode: Final = "embedded"
    can_be_killed: Final = True

    def __init__(
        self,
        nodes: Sequence[Node],
        *,
        controller: Node,
        folder: Path,
        description: str,
        settings: EmbeddedSettings,
        choose_ports: Callable[[int], list[int]] = free_ports,
    ) -> None:
        self.folder = folder
        self.description = description
        self._controller = controller
        self._nodes = {node.number: node for node in nodes}
        self._settings = settings
        self._choose_ports = choose_ports

    @property
    def nodes(self) -> int:
        """Return how many nodes there are, dead ones too."""
        return len(self._nodes)

    @property
    def bootstrap_servers(self) -> str:
        """Return the addresses of all nodes."""
        return ",".join(node.address for node in self._nodes.values())

    @property
    def data_folders(self) -> list[Path]:
        """Return each node's folder of partitions."""
        return [node.folder.data for node in self._nodes.values()]

    def kill(self, node: int) -> None:
        """End a node at once (SIGKILL). Return when it is gone."""
        self._nodes[node].kill()

    def stop(self, node: int) -> None:
        """End a node in good order (SIGTERM). Return when it is gone."""
        self._nodes[node].stop(timeout_s=self._settings.stop_timeout_s)

    def start(self, node: int) -> None:
        """Start a node, on its ports and its data, if it is down. Return when it answers.

        :raises LocalKafkaUnavailable: it does not.
        """
        chosen = self._nodes[node]
        chosen.start()
        self._wait_for([chosen])

    def pause(self, node: int) -> None:
        """Freeze a node (SIGSTOP)."""
        self._nodes[node].pause()

    def resume(self, node: int) -> None:
        """Let a frozen node go on (SIGCONT)."""
        self._nodes[node].resume()

    def log(self, node: int) -> str:
        """Return what a node has said since it first started."""
        return self._nodes[node].folder.read_log()

    def launch(self) -> None:
        """Start all the nodes. Return when each of them answers.

        :raises LocalKafkaUnavailable: one of them does not.
        """
        for _ in range(_PORT_ATTEMPTS - 1):
            with suppress(PortTaken):
                return self._launch_once()
        return self._launch_once()

    def _launch_once(self) -> None:
        *brokers, controller = self._choose_ports(self.nodes + 1)
        self._configure(Ports(controller=controller, brokers=brokers))
        format_storage(
            self._controller.folder.data,
            {number: node.folder.data for number, node in self._nodes.items()},
            run_tool=partial(self._controller.run_tool, timeout_s=self._settings.start_timeout_s),
        )
        everything = [self._controller, *self._nodes.values()]
        try:
            for node in everything:
                node.start()
            self._wait_for(list(self._nodes.values()))
        except PortTaken:
            for node in everything:
                node.kill()
            raise

    def _configure(self, ports: Ports) -> None:
        self._controller.configure(
            controller_properties(ports=ports, data=self._controller.folder.data),
            address=f"{HOST}:{ports.controller}",
        )
        for number, node in self._nodes.items():
            node.configure(
                node_properties(node=number, ports=ports, data=node.folder.data),
                address=f"{HOST}:{ports.brokers[number - 1]}",
            )

    def _wait_for(self, nodes: Sequence[Node]) -> None:
        def check() -> None:
            for node in (self._controller, *nodes):
                node.refuse_if_dead()

        addresses = ",".join(node.address for node in nodes)
        numbers = [node.number for node in nodes]
        timeout_s = self._settings.start_timeout_s
        if not wait_for_brokers(addresses, nodes=numbers, timeout_s=timeout_s, check=check):
            raise nodes[0].failure(f"does not answer after {timeout_s:g} s")


@contextmanager
def embedded_cluster(
    *,
    nodes: int,
    data: Path | None,
    settings: EmbeddedSettings,
    choose_ports: Callable[[int], list[int]] = free_ports,
) -> Iterator[tuple[EmbeddedCluster, Guard]]:
    """Run an embedded Kafka for as long as the context lasts, or longer if the guard releases it.

    :param data: where to keep the data; without it they go at the end.
    :raises LocalKafkaUnavailable: something it needs is missing.
    """
    program = _program(settings)
    with Guard(patience_s=0 if data is None else settings.stop_timeout_s) as guard:
        folder = guard.temporary_folder() if data is None else _kept(data, nodes=nodes)
        controller, *brokers = _processes(program, nodes=nodes, folder=folder, guard=guard)
        cluster = EmbeddedCluster(
            brokers,
            controller=controller,
            folder=folder,
            description=f"Apache Kafka {KAFKA_VERSION}, embedded, Java {program.java.version}",
            settings=settings,
            choose_ports=choose_ports,
        )
        cluster.launch()
        yield cluster, guard


def _program(settings: EmbeddedSettings) -> Program:
    java = find_java(least=JAVA_LEAST, candidates=java_candidates(settings.java_home))
    jars = fetched(locked_files("kafka"), settings=settings)
    plain = Program(java, jars, heap_mb=settings.heap_mb)

    def train(options: Sequence[str]) -> None:
        _train(replace(plain, broker_options=options), settings=settings)

    return replace(plain, options=archive_flags(java, jars, folder=settings.files, train=train))


def _train(program: Program, *, settings: EmbeddedSettings) -> None:
    """Run a broker to its orderly end, at which Java writes what it has learned."""
    patient = settings.model_copy(update={"stop_timeout_s": settings.start_timeout_s})
    with Guard(patience_s=0) as guard:
        folder = guard.temporary_folder()
        controller, broker = _processes(program, nodes=1, folder=folder, guard=guard)
        cluster = EmbeddedCluster(
            [broker],
            controller=controller,
            folder=folder,
            description="training",
            settings=patient,
        )
        cluster.launch()
        cluster.stop(1)


def _processes(program: Program, *, nodes: int, folder: Path, guard: Guard) -> list[Node]:
    """Return the controller, then the brokers."""
    paths = {CONTROLLER: folder / "controller"}
    paths |= {number: folder / f"node-{number}" for number in range(1, nodes + 1)}
    return [Node(number, path=path, program=program, guard=guard) for number, path in paths.items()]


def _kept(data: Path, *, nodes: int) -> Path:
    found = [NodeFolder(path).data for path in data.glob("node-*")]
    if len(found) not in (0, nodes):
        raise LocalKafkaUnavailable(
            f"{data} holds the data of a Kafka with nodes: {len(found)}, not {nodes}",
            remedy="ask for as many nodes, or use another folder",
        )
    if any(is_in_use(folder) for folder in found):
        raise LocalKafkaUnavailable(
            f"another Kafka runs on the data in {data}",
            remedy="stop it, or use another folder",
        )
    return data.resolve()

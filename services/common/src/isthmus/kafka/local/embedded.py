"""Apache Kafka as child processes of this one: no Docker, no Maven, no installation."""

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
from isthmus.kafka.local.properties import Ports, free_ports
from isthmus.kafka.local.settings import EmbeddedSettings
from isthmus.kafka.local.storage import format_storage, is_in_use

JAVA_LEAST: Final = 17
_PORT_ATTEMPTS: Final = 3


class EmbeddedCluster:
    """One or three nodes, each a broker and controller, that can be killed and started again."""

    mode: Final = "embedded"
    can_be_killed: Final = True

    def __init__(
        self,
        nodes: Sequence[Node],
        *,
        folder: Path,
        description: str,
        settings: EmbeddedSettings,
        choose_ports: Callable[[int], list[int]] = free_ports,
    ) -> None:
        self.folder = folder
        self.description = description
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
        free = self._choose_ports(2 * self.nodes)
        ports = [Ports(*pair) for pair in zip(free[::2], free[1::2], strict=True)]
        nodes = list(self._nodes.values())
        for node in nodes:
            node.configure(ports)
        timeout_s = self._settings.start_timeout_s
        format_storage(self.data_folders, run_tool=partial(nodes[0].run_tool, timeout_s=timeout_s))
        try:
            for node in nodes:
                node.start()
            self._wait_for(nodes)
        except PortTaken:
            for node in nodes:
                node.kill()
            raise

    def _wait_for(self, nodes: Sequence[Node]) -> None:
        def check() -> None:
            for node in nodes:
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
        members = _nodes(program, count=nodes, folder=folder, guard=guard)
        cluster = EmbeddedCluster(
            members,
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
        cluster = EmbeddedCluster(
            _nodes(program, count=1, folder=folder, guard=guard),
            folder=folder,
            description="training",
            settings=patient,
        )
        cluster.launch()
        cluster.stop(1)


def _nodes(program: Program, *, count: int, folder: Path, guard: Guard) -> list[Node]:
    return [
        Node(number, path=folder / f"node-{number}", program=program, guard=guard)
        for number in range(1, count + 1)
    ]


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

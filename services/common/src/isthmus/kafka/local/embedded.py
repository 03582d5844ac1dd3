"""Apache Kafka as child processes of this one: no Docker, no Maven, no installation."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from isthmus.kafka.local.answers import wait_for_brokers
from isthmus.kafka.local.errors import LocalKafkaUnavailable
from isthmus.kafka.local.guard import Guard
from isthmus.kafka.local.jars import KAFKA_VERSION, fetched, locked_files
from isthmus.kafka.local.java import Java, find_java, java_candidates
from isthmus.kafka.local.node import Node, NodeFolder
from isthmus.kafka.local.properties import Ports, free_ports
from isthmus.kafka.local.settings import EmbeddedSettings
from isthmus.kafka.local.storage import format_storage, is_in_use

JAVA_LEAST: Final = 17
_PORT_ATTEMPTS: Final = 3
_PORT_TAKEN: Final = "Address already in use"


class EmbeddedCluster:
    """One or three nodes, each a broker and controller, that can be killed and started again."""

    mode: Final = "embedded"
    can_be_killed: Final = True

    def __init__(
        self, nodes: Sequence[Node], *, folder: Path, description: str, settings: EmbeddedSettings
    ) -> None:
        self.folder = folder
        self.description = description
        self._nodes = {node.number: node for node in nodes}
        self._settings = settings

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
        for attempt in range(1, _PORT_ATTEMPTS + 1):
            self._configure()
            self._format()
            for node in self._nodes.values():
                node.start()
            try:
                return self._wait_for(list(self._nodes.values()))
            except LocalKafkaUnavailable as error:
                # Between the look for a free port and its use somebody else may take it.
                if _PORT_TAKEN not in str(error) or attempt == _PORT_ATTEMPTS:
                    raise
                for node in self._nodes.values():
                    node.kill()
        return None

    def _configure(self) -> None:
        free = free_ports(2 * self.nodes)
        ports = [Ports(*pair) for pair in zip(free[::2], free[1::2], strict=True)]
        for node in self._nodes.values():
            node.configure(ports)

    def _format(self) -> None:
        first = self._nodes[1]
        format_storage(
            self.data_folders,
            properties=first.folder.properties,
            java=first.java(""),
            timeout_s=self._settings.start_timeout_s,
        )

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
    *, nodes: int, data: Path | None, settings: EmbeddedSettings
) -> Iterator[tuple[EmbeddedCluster, Guard]]:
    """Run an embedded Kafka for as long as the context lasts, or longer if the guard releases it.

    :param data: where to keep the data; without it they go at the end.
    :raises LocalKafkaUnavailable: something it needs is missing.
    """
    java = find_java(least=JAVA_LEAST, candidates=java_candidates(settings.java_home))
    jars = fetched(locked_files("kafka"), settings=settings)
    with Guard(patience_s=0 if data is None else settings.stop_timeout_s) as guard:
        folder = guard.temporary_folder() if data is None else _kept(data, nodes=nodes)
        command = _command(java, jars, heap_mb=settings.heap_mb)
        members = [
            Node(number, path=folder / f"node-{number}", java=command, guard=guard)
            for number in range(1, nodes + 1)
        ]
        description = f"Apache Kafka {KAFKA_VERSION}, embedded, Java {java.version}"
        cluster = EmbeddedCluster(
            members, folder=folder, description=description, settings=settings
        )
        cluster.launch()
        yield cluster, guard


def _command(java: Java, jars: Sequence[Path], *, heap_mb: int) -> list[str]:
    # Serial collector and first compiler: half the time and memory of a start with the defaults.
    flags = [f"-Xmx{heap_mb}m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
    return [str(java.executable), *flags, "-cp", os.pathsep.join(map(str, jars))]


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

"""A real Kafka for tests and the demo, chosen by one setting."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

from isthmus.kafka.local.embedded import embedded_cluster
from isthmus.kafka.local.errors import LocalKafkaUnavailable
from isthmus.kafka.local.given import GivenCluster, given_cluster
from isthmus.kafka.local.mode import Kind, parse_mode
from isthmus.kafka.local.settings import EmbeddedSettings
from isthmus.ops.environment import load

NODES: Final = (1, 3)


class KafkaCluster(Protocol):
    """A running Kafka; nodes are counted from 1."""

    @property
    def bootstrap_servers(self) -> str:
        """Return ``host:port[,host:port]``."""
        ...

    @property
    def mode(self) -> str:
        """Return embedded, container or address."""
        ...

    @property
    def nodes(self) -> int:
        """Return how many nodes there are, dead ones too."""
        ...

    @property
    def description(self) -> str:
        """Return what runs here, for people."""
        ...

    @property
    def data_folders(self) -> list[Path]:
        """Return the folder of partitions of each node; empty where they cannot be read."""
        ...

    @property
    def can_be_killed(self) -> bool:
        """Tell whether the five methods that break and mend a node work here (embedded only)."""
        ...

    def kill(self, node: int) -> None:
        """End a node at once (SIGKILL). Return when it is gone."""
        ...

    def stop(self, node: int) -> None:
        """End a node in good order (SIGTERM). Return when it is gone."""
        ...

    def start(self, node: int) -> None:
        """Start a node, on its ports and its data, if it is down. Return when it answers."""
        ...

    def pause(self, node: int) -> None:
        """Freeze a node (SIGSTOP)."""
        ...

    def resume(self, node: int) -> None:
        """Let a frozen node go on (SIGCONT)."""
        ...

    def log(self, node: int) -> str:
        """Return what a node has said since it first started."""
        ...


@contextmanager
def running_kafka(*, mode: str, nodes: int = 1, data: Path | None = None) -> Iterator[KafkaCluster]:
    """Give a Kafka for as long as the context lasts; what was started ends even if we are killed.

    :param mode: ``embedded``, ``container`` or ``host:port[,host:port]``.
    :param nodes: 1 or 3; three keep three copies of everything.
    :param data: where to keep the data of an embedded Kafka; without it they go at the end.
    :raises LocalKafkaUnavailable: such a Kafka cannot be had here; one line says why.
    """
    chosen = parse_mode(mode)
    refuse_impossible(chosen.kind, nodes=nodes, data=data)
    if chosen.kind is Kind.EMBEDDED:
        settings = load(EmbeddedSettings)
        with embedded_cluster(nodes=nodes, data=data, settings=settings) as (cluster, _):
            yield cluster
    elif chosen.kind is Kind.CONTAINER:
        with _container() as contained:
            yield contained
    else:
        yield given_cluster(chosen.bootstrap_servers, nodes=nodes)


def refuse_impossible(kind: Kind, *, nodes: int, data: Path | None) -> None:
    """Check that a mode can give so many nodes and keep their data.

    :raises LocalKafkaUnavailable: it cannot.
    """
    if nodes not in NODES:
        raise LocalKafkaUnavailable(f"{nodes} nodes are asked for", remedy="ask for 1 or 3")
    if kind is Kind.CONTAINER and nodes != 1:
        raise LocalKafkaUnavailable(
            "in mode container there is one node", remedy="set ISTHMUS_KAFKA_MODE=embedded"
        )
    if kind is not Kind.EMBEDDED and data is not None:
        raise LocalKafkaUnavailable(
            f"in mode {kind} the data cannot be kept in {data}",
            remedy="set ISTHMUS_KAFKA_MODE=embedded, or use docker compose, which has a volume",
        )


@contextmanager
def _container() -> Iterator[GivenCluster]:
    # Imported here: its half second is for those who use it.
    from isthmus.kafka.local.container import container_cluster  # noqa: PLC0415

    with container_cluster() as cluster:
        yield cluster

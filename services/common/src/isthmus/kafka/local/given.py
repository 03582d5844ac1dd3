"""A Kafka whose processes are not ours to kill: in a container, or somewhere else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Final, NoReturn

from isthmus.kafka.local.answers import brokers, listens
from isthmus.kafka.local.errors import LocalKafkaUnavailable

_ANSWER_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class GivenCluster:
    """A Kafka that can be used, but not be broken."""

    mode: str
    bootstrap_servers: str
    nodes: int
    description: str
    read_log: Callable[[], str] = lambda: ""
    can_be_killed: ClassVar[bool] = False
    data_folders: list[Path] = field(default_factory=list)

    def kill(self, node: int) -> None:
        """Refuse."""
        self._refuse(f"node {node} cannot be killed")

    def stop(self, node: int) -> None:
        """Refuse."""
        self._refuse(f"node {node} cannot be stopped")

    def start(self, node: int) -> None:
        """Refuse."""
        self._refuse(f"node {node} cannot be started")

    def pause(self, node: int) -> None:
        """Refuse."""
        self._refuse(f"node {node} cannot be paused")

    def resume(self, node: int) -> None:
        """Refuse."""
        self._refuse(f"node {node} cannot be resumed")

    def log(self, node: int) -> str:
        """Return what the broker has said, where that can be read."""
        del node
        return self.read_log()

    def _refuse(self, what: str) -> NoReturn:
        raise LocalKafkaUnavailable(
            f"in mode {self.mode} {what}", remedy="set ISTHMUS_KAFKA_MODE=embedded"
        )


def given_cluster(bootstrap_servers: str, *, nodes: int) -> GivenCluster:
    """Return the Kafka at an address.

    :raises LocalKafkaUnavailable: none answers there, or it has too few nodes.
    """
    reachable = any(map(listens, bootstrap_servers.split(",")))
    found = len(brokers(bootstrap_servers, timeout_s=_ANSWER_S)) if reachable else 0
    if found < nodes:
        what = f"has {found} nodes, {nodes} are needed" if found else "does not answer"
        raise LocalKafkaUnavailable(
            f"the Kafka at {bootstrap_servers} {what}",
            remedy="correct ISTHMUS_KAFKA_MODE, or set it to embedded",
        )
    return GivenCluster(
        mode="address",
        bootstrap_servers=bootstrap_servers,
        nodes=found,
        description=f"the Kafka at {bootstrap_servers}",
    )

"""Format the storage of an embedded cluster: Java once, whatever the number of nodes."""

from __future__ import annotations

import base64
import fcntl
import shutil
import subprocess
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from isthmus.kafka.local.errors import LocalKafkaUnavailable

META: Final = "meta.properties"
_BOOTSTRAP: Final = "bootstrap.checkpoint"


def kafka_uuid() -> str:
    """Return a random id in Kafka's form, 22 characters; never one that looks like an option."""
    return base64.urlsafe_b64encode(uuid.uuid4().bytes)[:22].decode().replace("-", "A")


def is_formatted(data: Path) -> bool:
    """Tell whether a data folder has been formatted."""
    return (data / META).exists()


def is_in_use(data: Path) -> bool:
    """Tell whether a broker runs on a data folder: it holds a lock there."""
    lock = data / ".lock"
    if not lock.exists():
        return False
    with lock.open("a") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


def format_storage(
    data: Sequence[Path], *, properties: Path, java: Sequence[str], timeout_s: float
) -> None:
    """Format the data folders of nodes 1, 2, ... that are not formatted yet.

    :param properties: the properties of node 1.
    :param java: the command that runs a main class with Kafka's jars.
    :raises LocalKafkaUnavailable: Kafka's own tool refuses.
    """
    first = data[0]
    if not is_formatted(first):
        _format_by_java(properties, java=java, timeout_s=timeout_s)
    for node, other in enumerate(data[1:], start=2):
        if not is_formatted(other):
            _format_alike(first, other, node=node)


def _format_by_java(properties: Path, *, java: Sequence[str], timeout_s: float) -> None:
    tool = ["kafka.tools.StorageTool", "format", "-t", kafka_uuid(), "-c", str(properties)]
    done = subprocess.run(  # noqa: S603 - Java, with arguments of our own
        [*java, *tool], capture_output=True, text=True, timeout=timeout_s, check=False
    )
    if done.returncode != 0:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise LocalKafkaUnavailable(
            f"Kafka's storage tool failed for {properties}: {' '.join(last)}",
            remedy="use a data folder that this Kafka made, or none",
        )


def _format_alike(first: Path, other: Path, *, node: int) -> None:
    """Do what the tool does; only the numbers of the node and its folder differ."""
    other.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(first / _BOOTSTRAP, other / _BOOTSTRAP)
    own = {"node.id": str(node), "directory.id": kafka_uuid()}
    lines = (line for line in (first / META).read_text().splitlines() if "=" in line)
    pairs = dict(line.split("=", 1) for line in lines) | own
    (other / META).write_text("".join(f"{name}={value}\n" for name, value in pairs.items()))

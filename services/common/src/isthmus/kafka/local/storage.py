"""Format the storage of an embedded cluster: Java once, whatever the number of nodes."""

from __future__ import annotations

import base64
import fcntl
import shutil
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

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
    controller: Path, nodes: Mapping[int, Path], *, run_tool: Callable[[Sequence[str]], None]
) -> None:
    """Format the data folders that are not formatted yet.

    :param nodes: the folders of the brokers, by number.
    :param run_tool: runs a Java class with arguments, for the controller; its properties are to
        follow.
    """
    if not is_formatted(controller):
        run_tool(["kafka.tools.StorageTool", "format", "-t", kafka_uuid(), "-c"])
    for node, folder in nodes.items():
        if not is_formatted(folder):
            _format_alike(controller, folder, node=node)


def _format_alike(first: Path, other: Path, *, node: int) -> None:
    """Do what the tool does; only the numbers of the node and its folder differ."""
    other.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(first / _BOOTSTRAP, other / _BOOTSTRAP)
    own = {"node.id": str(node), "directory.id": kafka_uuid()}
    lines = (line for line in (first / META).read_text().splitlines() if "=" in line)
    pairs = dict(line.split("=", 1) for line in lines) | own
    (other / META).write_text("".join(f"{name}={value}\n" for name, value in pairs.items()))

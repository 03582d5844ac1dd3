"""What a detached Kafka is: remembered in a file, looked at, read, ended."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path
from typing import Final

import msgspec

from isthmus.kafka.local import container
from isthmus.kafka.local.answers import brokers
from isthmus.kafka.local.guard import TEMPORARY_PREFIX
from isthmus.kafka.local.node import NodeFolder
from isthmus.kafka.local.watcher import Started, end, is_running

_FOLLOW_POLL_S: Final = 0.3


class State(IntEnum):
    """How a detached Kafka is; the numbers are exit codes, as init scripts use them."""

    UP = 0
    BROKEN = 1
    DOWN = 3


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """What was started.

    :param folder: of an embedded Kafka; it goes with it unless it is to be kept.
    :param container: the id of a container.
    """

    bootstrap_servers: str
    nodes: int
    description: str
    processes: tuple[Started, ...] = ()
    folder: str = ""
    kept: bool = False
    container: str = ""


def state(run: Run) -> State:
    """Tell whether all of it is there and answers."""
    if not _alive(run):
        return State.DOWN
    answer, is_whole = len(brokers(run.bootstrap_servers)), all(map(is_running, run.processes))
    if answer == run.nodes and is_whole:
        return State.UP
    return State.BROKEN if answer or is_whole else State.DOWN


def end_run(run: Run, *, patience_s: float) -> None:
    """End its processes or its container, and remove the data that are not to be kept.

    :param patience_s: for an orderly end, where data are kept.
    """
    if run.container:
        container.remove(run.container)
        return
    end(run.processes, patience_s=patience_s if run.kept else 0)
    # The name is checked, because the file could have been edited.
    folder = Path(run.folder)
    if not run.kept and folder.name.startswith(TEMPORARY_PREFIX):
        shutil.rmtree(folder, ignore_errors=True)


def log_lines(run: Run, *, follow: bool) -> Iterator[str]:
    """Yield what the nodes have said and, if followed, what they go on to say."""
    if run.container:
        yield from container.log_lines(run.container, follow=follow)
        return
    root = Path(run.folder)
    folders = [NodeFolder(path) for path in (root / "controller", *sorted(root.glob("node-*")))]
    tails = [_Tail(path) for folder in folders for path in folder.current_logs]
    while True:
        alive = follow and _alive(run)
        for tail in tails:
            yield from tail.new_lines()
        if not alive:
            return
        time.sleep(_FOLLOW_POLL_S)


def _alive(run: Run) -> bool:
    if run.container:
        return container.is_running(run.container)
    return any(is_running(process) for process in run.processes)


class _Tail:
    """Reads a log from where it was left, over the change of files."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._inode = 0
        self._position = 0

    def new_lines(self) -> Iterator[str]:
        if not self._path.exists():
            return
        with self._path.open(errors="replace") as file:
            inode = self._path.stat().st_ino
            if inode == self._inode:
                file.seek(self._position)
            for line in iter(file.readline, ""):
                yield f"{self._path.parent.name} | {line.rstrip()}"
            self._inode, self._position = inode, file.tell()

"""End processes and remove folders when the process that started them is gone.

Run as a program, by its path, so that it loads nothing of the package: it reads one JSON object
per line, ``{"process": ...}``, ``{"folder": ...}`` or ``{"release": true}``, and acts at the end of
its input. The end comes when the starter closes the pipe or dies, however it dies.
"""

from __future__ import annotations

import argparse
import json
import os
import selectors
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Final

import psutil

POLL_S: Final = 0.02
STARTER_POLL_S: Final = 0.5
KILL_S: Final = 10.0
# Start times are computed from the time of boot, which moves when the clock is set.
CLOCK_SET_S: Final = 5.0
CHUNK_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True)
class Started:
    """A process, so that no other one that got its number is taken for it.

    :param at: when it started, in seconds since the epoch.
    :param marker: one of its arguments that no other process has.
    """

    pid: int
    at: float
    marker: str


def started(pid: int, *, marker: str) -> Started:
    """Return the identity of a process that was started just now."""
    return Started(pid=pid, at=psutil.Process(pid).create_time(), marker=marker)


def is_running(process: Started) -> bool:
    """Tell whether that very process is still there."""
    try:
        found = psutil.Process(process.pid)
        return (
            found.status() != psutil.STATUS_ZOMBIE
            and abs(found.create_time() - process.at) < CLOCK_SET_S
            and process.marker in found.cmdline()
        )
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def end(processes: Iterable[Started], *, patience_s: float) -> None:
    """End processes: orderly if there is patience for it, then by force.

    The last that was started ends first: a broker takes its leave of the controller.
    """
    left = [process for process in processes if is_running(process)]
    deadline = time.monotonic() + patience_s
    for process in reversed(left) if patience_s > 0 else ():
        _send(process, signal.SIGTERM)
        _send(process, signal.SIGCONT)
        _still_running([process], within_s=deadline - time.monotonic())
    for process in left:
        _send(process, signal.SIGKILL)  # whoever ended has no such number any more
    _still_running(left, within_s=KILL_S)


def _send(process: Started, signal_number: int) -> None:
    if is_running(process):
        try:
            os.kill(process.pid, signal_number)
        except ProcessLookupError:
            return


def _still_running(processes: list[Started], *, within_s: float) -> list[Started]:
    deadline = time.monotonic() + within_s
    while processes := [process for process in processes if is_running(process)]:
        if time.monotonic() > deadline:
            break
        time.sleep(POLL_S)
    return processes


@dataclass(slots=True)
class Wards:
    """What is to be ended and removed."""

    processes: list[Started] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)

    def take(self, line: bytes) -> None:
        """Learn of a process or folder, or let go of all."""
        message = json.loads(line)
        if "process" in message:
            self.processes.append(Started(**message["process"]))
        elif "folder" in message:
            self.folders.append(message["folder"])
        else:
            self.processes.clear()
            self.folders.clear()

    def clear(self, *, patience_s: float) -> None:
        """End the processes, then remove the folders."""
        end(self.processes, patience_s=patience_s)
        for folder in self.folders:
            shutil.rmtree(folder, ignore_errors=True)


def process_line(process: Started) -> bytes:
    """Return the line that entrusts a process."""
    return _line({"process": asdict(process)})


def folder_line(folder: str) -> bytes:
    """Return the line that entrusts a folder."""
    return _line({"folder": folder})


def release_line() -> bytes:
    """Return the line that takes everything back."""
    return _line({"release": True})


def _line(message: dict[str, object]) -> bytes:
    return json.dumps(message).encode() + b"\n"


def _lines(file_number: int, *, wanted: Callable[[], bool]) -> Iterator[bytes]:
    """Yield whole lines until the input ends or nobody wants them."""
    rest = b""
    with selectors.DefaultSelector() as selector:
        selector.register(file_number, selectors.EVENT_READ)
        while wanted():
            if not selector.select(STARTER_POLL_S):
                continue
            chunk = os.read(file_number, CHUNK_BYTES)
            if not chunk:
                return
            *lines, rest = (rest + chunk).split(b"\n")
            yield from lines


def main() -> None:
    """Watch over what standard input names, until it ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starter", type=int, required=True)
    parser.add_argument("--patience", type=float, required=True)
    options = parser.parse_args()
    wards = Wards()
    # A fork of the starter may hold the pipe open after its death: its number tells it then.
    for line in _lines(sys.stdin.fileno(), wanted=lambda: os.getppid() == options.starter):
        wards.take(line)
    wards.clear(patience_s=options.patience)


if __name__ == "__main__":
    main()

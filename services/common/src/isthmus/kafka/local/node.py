"""One process of an embedded Kafka: a broker, or the controller."""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from isthmus.kafka.local.errors import LocalKafkaUnavailable
from isthmus.kafka.local.guard import Child, Guard
from isthmus.kafka.local.program import Program
from isthmus.kafka.local.properties import Properties, render

# A line of the broker at these levels, or one of the Java runtime itself.
_COMPLAINT: Final = re.compile(r" (ERROR|FATAL) |^(Error|Exception|#)")
_TAIL_LINES: Final = 20
_TAKEN: Final = "Address already in use"


class PortTaken(LocalKafkaUnavailable):
    """Between the look for a free port and its use somebody else took it."""


@dataclass(frozen=True, slots=True)
class NodeFolder:
    """The files of a node."""

    path: Path

    @property
    def data(self) -> Path:
        """Return the folder of Kafka's own data: one folder per partition in it."""
        return self.path / "data"

    @property
    def properties(self) -> Path:
        """Return the file that the broker is started with."""
        return self.path / "server.properties"

    @property
    def current_logs(self) -> list[Path]:
        """Return where Java and the broker write now."""
        return [self.path / "console.log", self.path / "broker.log"]

    def read_log(self) -> str:
        """Return all that the node has said: what Java said, then the broker, oldest first."""
        console, broker = self.current_logs
        # log4j2 numbers the full files from the oldest.
        files = [console, broker.with_suffix(".log.1"), broker.with_suffix(".log.2"), broker]
        return "".join(path.read_text(errors="replace") for path in files if path.exists())


class Node:
    """Starts, stops, kills and freezes one process of Kafka."""

    def __init__(self, number: int, *, path: Path, program: Program, guard: Guard) -> None:
        self.number = number
        self.folder = NodeFolder(path)
        self.address = ""
        self._program = program
        self._guard = guard
        self._child: Child | None = None
        self._said = 0
        (path / "tmp").mkdir(parents=True, exist_ok=True)

    def configure(self, properties: Properties, *, address: str) -> None:
        """Write the properties.

        :param address: where it will listen.
        """
        self.folder.properties.write_text(render(properties))
        self.address = address

    def start(self) -> None:
        """Start the process, if there is none."""
        if not self.is_running:
            self._child = self._run(self._program.broker(self.folder.path))

    def run_tool(self, arguments: Sequence[str], *, timeout_s: float) -> None:
        """Run one of Kafka's tools; the file of this node's properties is its last argument.

        :raises LocalKafkaUnavailable: it fails, or the time is over.
        """
        tool = self._run(self._program.tool(self.folder.path, arguments))
        try:
            code = tool.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise self.failure(f"is not ready after {timeout_s:g} s of {arguments[0]}") from None
        if code != 0:
            raise self.failure(f"is refused by {arguments[0]}")

    @property
    def is_running(self) -> bool:
        """Tell whether the process is there, frozen or not."""
        return self._child is not None and self._child.poll() is None

    def kill(self) -> None:
        """End the process at once (SIGKILL), and wait for its end."""
        self._signal(signal.SIGKILL)
        if self._child is not None:
            self._child.wait()

    def stop(self, *, timeout_s: float) -> None:
        """Ask the process to end (SIGTERM); kill it when the time is over."""
        self._signal(signal.SIGTERM)
        self.resume()
        if self._child is not None:
            try:
                self._child.wait(timeout_s)
            except subprocess.TimeoutExpired:
                self.kill()

    def pause(self) -> None:
        """Freeze the process (SIGSTOP)."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a frozen process go on (SIGCONT)."""
        self._signal(signal.SIGCONT)

    def refuse_if_dead(self) -> None:
        """Check that the process lives.

        :raises LocalKafkaUnavailable: it has ended; notes hold the end of its log.
        """
        if not self.is_running:
            raise self.failure("ended during its start")

    def failure(self, what: str) -> LocalKafkaUnavailable:
        """Return the error that says what happened to this node, with the end of its log."""
        lines = self.folder.read_log()[self._said :].splitlines()
        complaints = [line for line in lines if _COMPLAINT.search(line)]
        first = complaints[0] if complaints else "its log tells no error"
        kind = PortTaken if any(_TAKEN in line for line in lines) else LocalKafkaUnavailable
        error = kind(
            f"Kafka's {self.folder.path.name} {what}: {first}",
            remedy="read the end of its log, below",
        )
        for line in lines[-_TAIL_LINES:]:
            error.add_note(line)
        return error

    def _signal(self, number: signal.Signals) -> None:
        if self._child is not None:
            self._child.send_signal(number)

    def _run(self, command: Sequence[str]) -> Child:
        self._said = len(self.folder.read_log())
        return self._guard.start([*command, str(self.folder.properties)], folder=self.folder.path)

"""Start processes that cannot outlive their starter."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from isthmus.kafka.local import watcher
from isthmus.kafka.local.watcher import Started

Child = subprocess.Popen[bytes]

TEMPORARY_PREFIX: Final = "isthmus-kafka-"
_CLOSE_S: Final = 15.0
# The program takes over only after the watcher knows its number; if the starter dies before,
# the gate reads the end of its input and nothing is started.
_GATE: Final = ("/bin/sh", "-c", 'read -r _ && exec "$@"', "gate")


class Guard:
    """Starts programs; whatever happens to this process, they end and their folders go.

    :param patience_s: how long they may take for an orderly end; 0 kills them at once.
    """

    def __init__(self, *, patience_s: float) -> None:
        self._patience_s = patience_s
        self._children: dict[Child, Started] = {}
        program = [sys.executable, "-P", watcher.__file__]
        options = [f"--starter={os.getpid()}", f"--patience={patience_s}"]
        self._watcher = subprocess.Popen(  # noqa: S603 - our own file, by our own interpreter
            [*program, *options], stdin=subprocess.PIPE, start_new_session=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End everything that was not released."""
        assert self._watcher.stdin is not None
        self._watcher.stdin.close()
        try:
            self._watcher.wait(self._patience_s + _CLOSE_S)
        finally:
            for child in self._children:
                _reap(child)

    def temporary_folder(self) -> Path:
        """Make a folder that goes when everything ends."""
        folder = tempfile.mkdtemp(prefix=TEMPORARY_PREFIX)
        self._tell(watcher.folder_line(folder))
        return Path(folder)

    def start(self, command: Sequence[str], *, folder: Path) -> Child:
        """Start a program in a folder; what it prints goes to ``console.log`` there.

        :param command: its last argument is one that no other process has.
        """
        with (folder / "console.log").open("ab") as console:
            child = subprocess.Popen(  # noqa: S603 - Java, with arguments of our own
                [*_GATE, *command],
                stdin=subprocess.PIPE,
                stdout=console,
                stderr=subprocess.STDOUT,
                cwd=folder,
                start_new_session=True,
            )
        identity = watcher.started(child.pid, marker=command[-1])
        self._children = {**self.running(), child: identity}
        self._tell(watcher.process_line(identity))
        _open_gate(child)
        return child

    def running(self) -> dict[Child, Started]:
        """Return the programs that have not ended."""
        return {child: one for child, one in self._children.items() if child.poll() is None}

    def release(self) -> None:
        """Let everything live on."""
        self._tell(watcher.release_line())
        for child in self._children:
            # Not to be waited for any more: the destructor would warn of what still runs.
            child.returncode = 0
        self._children.clear()

    def _tell(self, line: bytes) -> None:
        assert self._watcher.stdin is not None
        self._watcher.stdin.write(line)
        self._watcher.stdin.flush()


def _open_gate(child: Child) -> None:
    assert child.stdin is not None
    child.stdin.write(b"go\n")
    child.stdin.close()


def _reap(child: Child) -> None:
    if child.stdin is not None:
        child.stdin.close()
    try:
        child.wait(watcher.KILL_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()

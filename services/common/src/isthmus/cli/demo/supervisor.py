"""Starts the processes of the demo, starts again what dies, kills what the story asks for."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from isthmus.cli.demo.evidence import Death
from isthmus.kafka.exits import CONFIGURATION
from isthmus.kafka.local.guard import Child, Guard
from isthmus.ops.clock import Clock

BACKOFF_S: Final = 0.2
RESTARTS_MAX: Final = 25
LOG_LINES: Final = 15
REAP_S: Final = 10.0


class Collapsed(Exception):
    """A process cannot be kept running; its last words are in the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A process to run.

    :param name: what it is; several of one name are told apart by their slots.
    :param environment: all that it sees; what this process has is not handed down.
    :param folder: where it runs and logs.
    """

    name: str
    slot: int
    script: Path
    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(repr=False)
    folder: Path

    @property
    def title(self) -> str:
        """Return what it is called."""
        return f"{self.name}-{self.slot}"

    @property
    def log(self) -> Path:
        """Return where what it prints is kept."""
        return self.folder / "console.log"

    def command(self) -> list[str]:
        """Return the command line."""
        variables = [f"{name}={value}" for name, value in sorted(self.environment.items())]
        return ["/usr/bin/env", "-i", *variables, str(self.script), *self.arguments]


@dataclass(slots=True)
class _Running:
    program: Program
    child: Child
    restarts: int = 0
    due: float | None = None
    was_killed: bool = False


@dataclass(slots=True)
class Supervisor:
    """The workers. ``tend`` it often: that is when the dead are started again."""

    guard: Guard
    clock: Clock
    deaths: list[Death] = field(default_factory=list)
    _running: dict[str, _Running] = field(default_factory=dict)

    def start(self, program: Program) -> None:
        """Start a worker."""
        self._running[program.title] = _Running(program, launch(self.guard, program))

    def tend(self) -> None:
        """Start again what has died.

        :raises Collapsed: it dies again and again, or says that its settings are wrong.
        """
        for one in self._running.values():
            code = one.child.poll()
            if code is None:
                continue
            if one.due is None:
                if not one.was_killed:
                    self._note(one, at=self.clock.now(), code=code)
                one.due = self.clock.monotonic() + BACKOFF_S
            elif self.clock.monotonic() >= one.due:
                one.child = launch(self.guard, one.program)
                one.due, one.was_killed = None, False

    def kill(self, title: str) -> None:
        """End a worker by SIGKILL, by its process id."""
        one = self._running[title]
        if one.child.poll() is not None:
            return
        one.was_killed = True
        self._note(one, at=self.clock.now(), code=None)
        one.child.send_signal(signal.SIGKILL)
        one.child.wait(REAP_S)

    def stop(self, *, patience_s: float) -> None:
        """Ask all workers to end, and wait until they have.

        :raises Collapsed: one does not.
        """
        for one in self._running.values():
            if one.child.poll() is None:
                one.child.terminate()
        until = self.clock.monotonic() + patience_s
        for one in self._running.values():
            while one.child.poll() is None:
                if self.clock.monotonic() > until:
                    raise Collapsed(f"{one.program.title} does not end: see {one.program.log}")
                self.clock.sleep(0.05)

    def _note(self, one: _Running, *, at: datetime, code: int | None) -> None:
        program = one.program
        self.deaths.append(Death(worker=program.name, slot=program.slot, at=at, exit_code=code))
        one.restarts += 1
        if code == CONFIGURATION or one.restarts > RESTARTS_MAX:
            raise Collapsed(f"{program.title} ended with {code}:\n{last_lines(program.log)}")


def launch(guard: Guard, program: Program) -> Child:
    """Start a process that ends with this one."""
    program.folder.mkdir(parents=True, exist_ok=True)
    return guard.start(program.command(), folder=program.folder)


def last_lines(log: Path) -> str:
    """Return the end of a log."""
    lines = log.read_text(errors="replace").splitlines() if log.is_file() else []
    return "\n".join([*lines[-LOG_LINES:], f"(all of it: {log})"])

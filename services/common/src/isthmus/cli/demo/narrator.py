"""Tells what happens: one line for each step, and what is under way behind a spinner."""

from __future__ import annotations

from rich.console import Console
from rich.status import Status

from isthmus.ops.clock import Clock


class Narrator:
    """Prints to a console; the seconds count from now."""

    def __init__(self, console: Console, clock: Clock, status: Status) -> None:
        self.status = status
        self._console = console
        self._clock = clock
        self._began = clock.monotonic()

    @property
    def seconds(self) -> float:
        """Return how long it has been going on."""
        return self._clock.monotonic() - self._began

    def step(self, what: str) -> None:
        """Tell of a step."""
        self._console.print(f"[dim]{self.seconds:5.1f} s[/dim]  {what}", soft_wrap=True)

    def say(self, what: str) -> None:
        """Tell what is under way."""
        self.status.update(what)

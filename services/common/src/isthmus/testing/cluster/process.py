"""The process a client lives in: it can die, be stopped, and meet errors on demand."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from .broker import Broker
from .errors import ProcessDied


def _nothing() -> None:
    """Let a fault do no more than raise."""


@dataclass(frozen=True)
class Fault:
    """An error that a call shall raise, before or after it has taken effect."""

    error: BaseException
    after_effect: bool
    strike: Callable[[], None] = _nothing


class Process:
    """Whether a client runs, and what shall go wrong in it."""

    def __init__(self, broker: Broker) -> None:
        self.running = True
        self._dead = False
        self._broker = broker
        self._faults: dict[str, deque[Fault]] = defaultdict(deque)

    def stop(self) -> None:
        """Let no call pass until ``wake``."""
        self.running = False

    def kill(self) -> None:
        """Let no call pass any more."""
        self.running, self._dead = False, True

    def wake(self) -> None:
        """Go on.

        :raises ValueError: if the process is dead.
        """
        if self._dead:
            raise ValueError("the process of this client was killed: make a new client")
        self.running = True

    def plan(self, call: str, fault: Fault) -> None:
        """Let the next ``call`` that has no fault yet end in ``fault``."""
        self._faults[call].append(fault)

    def enter(self, call: str) -> Fault | None:
        """Begin a call: time catches up; return the fault that is planned for it.

        :raises ProcessDied: if the process does not run.
        """
        if not self.running:
            raise ProcessDied(f"{call}() in a process that was killed or stopped")
        self._broker.catch_up()
        faults = self._faults[call]
        return faults.popleft() if faults else None


class Client(Protocol):
    """A client whose calls are ``client_call``s."""

    @property
    def process(self) -> Process: ...
    def met(self, call: str, fault: Fault) -> None: ...


C = TypeVar("C", bound=Client)
P = ParamSpec("P")
R = TypeVar("R")


def client_call(method: Callable[Concatenate[C, P], R]) -> Callable[Concatenate[C, P], R]:
    """Make ``method`` a call to the cluster: time passes before it, and it can be made to fail."""
    name = method.__name__

    @wraps(method)
    def run(client: C, /, *args: P.args, **kwargs: P.kwargs) -> R:
        fault = client.process.enter(name)
        if fault is None:
            return method(client, *args, **kwargs)
        if fault.after_effect:
            method(client, *args, **kwargs)
        client.met(name, fault)
        fault.strike()
        raise fault.error

    return run

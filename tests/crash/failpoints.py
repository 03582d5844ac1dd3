"""Strikes this process when it comes to the state that the conductor has chosen.

The clients are wrapped from outside, through the port that the core makes its clients by: nothing
in the product knows of this.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

from isthmus.kafka.clients import Admin, Clients, Consumer, Message, Producer, Settings
from tests.crash.grid import Fault, State

SLOW_S = 13.0
BROKER_S = 30.0
END_TXN_AFTER_S = 0.0008


class Failpoints:
    """The faults of one worker: at most one is armed, by a file ``armed-<worker>``.

    :param folder: where the conductor and its workers meet.
    """

    def __init__(self, folder: Path, worker: str) -> None:
        self._armed = folder / f"armed-{worker}"
        self._hit = folder / f"hit-{worker}"
        self._broker = folder / f"wants-broker-{worker}"
        self._lock = threading.Lock()

    def reach(self, state: State) -> None:
        """Strike if this is the state."""
        if fault := self.take(state):
            self.strike(fault)

    def take(self, state: State) -> Fault | None:
        """Take the armed fault if it is for this state; the conductor sees that it was."""
        with self._lock:
            try:
                wanted, fault = self._armed.read_text().split()
            except (FileNotFoundError, ValueError):
                return None
            if wanted != state:
                return None
            self._armed.unlink()
            self._hit.write_text(f"{wanted} {fault}")
            return Fault(fault)

    def strike(self, fault: Fault) -> None:
        """Do it, here and now."""
        if fault is Fault.KILL:
            os.kill(os.getpid(), signal.SIGKILL)
        elif fault is Fault.STOP:
            os.kill(os.getpid(), signal.SIGSTOP)
        elif fault is Fault.SLOW:
            time.sleep(SLOW_S)
        elif fault is Fault.CUT:
            cut_connections()
        else:
            self._ask_for_broker()

    def _ask_for_broker(self) -> None:
        self._broker.write_text("")
        deadline = time.monotonic() + BROKER_S
        while self._broker.exists() and time.monotonic() < deadline:
            time.sleep(0.01)


def cut_connections() -> None:
    """Cut every TCP connection of this process, as a network would."""
    for connection in psutil.Process().net_connections("tcp"):
        if connection.status == psutil.CONN_ESTABLISHED and connection.fd >= 0:
            try:
                with socket.socket(fileno=os.dup(connection.fd)) as one:
                    one.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # it went by itself in between


class StruckProducer:
    """A producer that is struck inside its transactions."""

    def __init__(self, real: Producer, failpoints: Failpoints) -> None:
        self._real = real
        self._failpoints = failpoints

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def produce(self, *args: Any, **kwargs: Any) -> None:
        self._real.produce(*args, **kwargs)
        self._failpoints.reach(State.TRANSACTION_OPEN)

    def send_offsets_to_transaction(self, *args: Any, **kwargs: Any) -> None:
        self._real.send_offsets_to_transaction(*args, **kwargs)
        self._failpoints.reach(State.OFFSETS_SENT)

    def commit_transaction(self, *args: Any, **kwargs: Any) -> None:
        fault = self._failpoints.take(State.END_TXN)
        if fault is not None:
            threading.Timer(END_TXN_AFTER_S, self._failpoints.strike, [fault]).start()
        self._real.commit_transaction(*args, **kwargs)


class StruckConsumer:
    """A consumer that is struck while partitions come and go, and while tables are read."""

    def __init__(self, real: Consumer, failpoints: Failpoints) -> None:
        self._real = real
        self._failpoints = failpoints
        self._assigned = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def subscribe(self, topics: list[str], *, on_assign: Any, on_revoke: Any, on_lost: Any) -> None:
        def assigned(consumer: Any, partitions: Any) -> None:
            self._failpoints.reach(State.SCALE_OUT)
            self._failpoints.reach(State.SCALE_IN)
            on_assign(consumer, partitions)

        def revoked(consumer: Any, partitions: Any) -> None:
            self._failpoints.reach(State.REBALANCE)
            on_revoke(consumer, partitions)

        self._real.subscribe(topics, on_assign=assigned, on_revoke=revoked, on_lost=on_lost)

    def incremental_assign(self, partitions: Any) -> None:
        self._real.incremental_assign(partitions)
        self._assigned += 1

    def consume(self, num_messages: int = 1, timeout: float = -1) -> Sequence[Message]:
        found = self._real.consume(num_messages, timeout)
        if self._assigned and found:
            self._failpoints.reach(State.RESTORING)
        return found


class StruckClients:
    """Real clients, each wrapped."""

    def __init__(self, real: Clients, failpoints: Failpoints) -> None:
        self._real = real
        self._failpoints = failpoints

    def consumer(self, settings: Settings) -> Consumer:
        wrapped: Any = StruckConsumer(self._real.consumer(settings), self._failpoints)
        made: Consumer = wrapped
        return made

    def producer(self, settings: Settings) -> Producer:
        wrapped: Any = StruckProducer(self._real.producer(settings), self._failpoints)
        made: Producer = wrapped
        return made

    def admin(self, settings: Settings) -> Admin:
        return self._real.admin(settings)

"""The workers of a run; who dies is started again, as a supervisor does."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SESSION_S: Final = 6.0
KINDS: Final = {"source": "crash-source", "stage": "crash-stage", "sink": "crash-sink"}
SLOTS: Final = 2
EXTRA_SLOT: Final = 2
HOME: Final = Path(__file__).parent.parent.parent

ENVIRONMENT: Final = {
    "ISTHMUS_KAFKA_SESSION_TIMEOUT_S": f"{SESSION_S:g}",
    "ISTHMUS_KAFKA_MAX_POLL_INTERVAL_S": "10",
    "ISTHMUS_KAFKA_TRANSACTION_TIMEOUT_S": "15",
    "ISTHMUS_KAFKA_CALL_TIMEOUT_S": "10",
    "ISTHMUS_LIMIT_REBALANCE_BUDGET_S": "4",
    "ISTHMUS_LIMIT_HANDLER_DEADLINE_S": "3",
    "ISTHMUS_LIMIT_BACKOFF_BASE_S": "0.2",
    "ISTHMUS_LIMIT_BACKOFF_CAP_S": "2",
    "ISTHMUS_LIMIT_IN_PLACE_S": "0.1",
    "ISTHMUS_LIMIT_RESTORE_MARGIN_S": "3",
    "ISTHMUS_LIMIT_DEAD_LETTER_RATIO": "0.9",
    "ISTHMUS_LIMIT_DEAD_LETTER_CONSECUTIVE": "10000",
    "ISTHMUS_HTTP_PORT": "0",
    "ISTHMUS_LOG_LEVEL": "INFO",
}


@dataclass
class Member:
    """One worker process and its place in its group."""

    kind: str
    slot: int
    process: subprocess.Popen[bytes]
    wanted: bool = True

    @property
    def name(self) -> str:
        return f"{self.kind}-{self.slot}"


class Troupe:
    """Starts the workers, and starts them again.

    :param folder: for their logs, and where faults are armed.
    """

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = environment
        self.members: dict[str, Member] = {}
        self.restarts = 0
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def start(self, kind: str, slot: int) -> Member:
        """Start a worker."""
        with self._lock:
            member = Member(kind, slot, self._launch(kind, slot))
            self.members[member.name] = member
            return member

    def leave(self, member: Member) -> None:
        """Stop a worker in good order, for good."""
        member.wanted = False
        member.process.send_signal(signal.SIGTERM)
        member.process.wait(30)
        with self._lock:
            del self.members[member.name]

    def wake(self, member: Member, *, after_s: float) -> None:
        """Let a stopped worker go on after a while: the process that was stopped, not a new one."""
        stopped = member.process
        time.sleep(after_s)
        stopped.send_signal(signal.SIGCONT)
        time.sleep(1)

    def end(self) -> None:
        """End all of them."""
        self._over.set()
        self._thread.join()
        for member in self.members.values():
            member.process.send_signal(signal.SIGCONT)
            member.process.send_signal(signal.SIGTERM)
        for member in self.members.values():
            try:
                member.process.wait(15)
            except subprocess.TimeoutExpired:
                member.process.kill()
                member.process.wait()

    def _launch(self, kind: str, slot: int) -> subprocess.Popen[bytes]:
        environment = self.environment | {
            "ISTHMUS_SERVICE": KINDS[kind],
            "ISTHMUS_SLOT": str(slot),
        }
        with (self.folder / f"{kind}-{slot}.log").open("ab") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "tests.crash.worker", kind, str(slot), str(self.folder)],
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=HOME,
            )

    def _watch(self) -> None:
        while not self._over.wait(0.1):
            with self._lock:
                for member in self.members.values():
                    if member.wanted and member.process.poll() is not None:
                        self.restarts += 1
                        member.process = self._launch(member.kind, member.slot)

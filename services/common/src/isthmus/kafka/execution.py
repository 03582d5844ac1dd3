"""Where handlers run: on the loop's own thread, or many at once on a pool."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Protocol

from isthmus.kafka.item import Item
from isthmus.kafka.letters import Stage, Write

Work = Callable[[Item], list[Write]]


class Failed(Exception):
    """A record failed at a stage other than the handler itself."""

    def __init__(self, stage: Stage, error: Exception) -> None:
        super().__init__(f"{stage.value}: {error}")
        self.stage = stage
        self.error = error


class Incomplete(Exception):
    """A record was looked at, and the group that it belongs to is not whole yet."""


@dataclass(frozen=True, slots=True)
class Completion:
    """What became of a record: its outputs, or the error and where it arose.

    :param is_member: whether it waits for the rest of its group.
    """

    item: Item
    writes: list[Write] = field(default_factory=list)
    error: Exception | None = None
    stage: Stage = Stage.PROCESS
    is_member: bool = False


class Execution(Protocol):
    """Runs records and hands back what became of them."""

    @property
    def room(self) -> int:
        """Return how many more records may be submitted now."""
        ...

    @property
    def in_flight(self) -> int:
        """Return how many records were submitted and not yet collected."""
        ...

    def submit(self, item: Item) -> None:
        """Run a record, now or soon."""
        ...

    def collect(self) -> list[Completion]:
        """Take what is complete, without waiting."""
        ...

    def stop(self) -> None:
        """Take nothing more on; what runs is left to itself."""
        ...


class Inline:
    """Runs each record at once, on the thread that submits it: for pure functions."""

    def __init__(self, work: Work, *, batch: int) -> None:
        self._work = work
        self._batch = batch
        self._complete: list[Completion] = []

    @property
    def room(self) -> int:
        return self._batch - len(self._complete)

    @property
    def in_flight(self) -> int:
        return len(self._complete)

    def submit(self, item: Item) -> None:
        self._complete.append(attempt(self._work, item))

    def collect(self) -> list[Completion]:
        complete, self._complete = self._complete, []
        return complete

    def stop(self) -> None:
        """Nothing is running between two calls."""


class Pool:
    """Runs records on threads. Twice the slots are handed over, so that no slot waits for the loop.

    :param slots: handlers that run at once.
    """

    def __init__(self, work: Work, *, slots: int) -> None:
        self._work = work
        self._slots = slots
        self._threads = ThreadPoolExecutor(max_workers=slots, thread_name_prefix="handler")
        self._complete: SimpleQueue[Completion] = SimpleQueue()
        self._in_flight = 0

    @property
    def room(self) -> int:
        return 2 * self._slots - self._in_flight

    @property
    def in_flight(self) -> int:
        return self._in_flight

    def submit(self, item: Item) -> None:
        self._in_flight += 1
        self._threads.submit(self._run, item)

    def collect(self) -> list[Completion]:
        complete: list[Completion] = []
        try:
            while True:
                complete.append(self._complete.get_nowait())
        except Empty:
            self._in_flight -= len(complete)
            return complete

    def stop(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _run(self, item: Item) -> None:
        # A record of a partition that was taken away while it waited must not begin.
        if item.lane.closed:
            self._complete.put(Completion(item))
        else:
            self._complete.put(attempt(self._work, item))


def attempt(work: Work, item: Item) -> Completion:
    """Run one record and turn whatever it raises into data."""
    try:
        return Completion(item, writes=work(item))
    except Incomplete:
        return Completion(item, is_member=True)
    except Failed as failed:
        return Completion(item, error=failed.error, stage=failed.stage)
    except Exception as error:  # noqa: BLE001 - a bug in a handler is a dead letter, under a limit
        return Completion(item, error=error)

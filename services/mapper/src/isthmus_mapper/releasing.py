"""Runs the release of waiting orders beside the stage, in one process of the workload."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from typing import Final

import msgspec
import structlog

from isthmus.core.records import Table, Transform
from isthmus.kafka.process import Process
from isthmus.kafka.reader import Reader
from isthmus.kafka.tables import TopicTable
from isthmus_mapper.adapters import ORDERS, NoRows, Rehearsal, Watch, desk_of
from isthmus_mapper.handler import COMMANDED
from isthmus_mapper.release import Release
from isthmus_mapper.settings import ReleaseSettings
from isthmus_mapper.tables import OF_ITEMS

# One process is enough, and a slot is one process.
SLOT: Final = 0
JOIN_S: Final = 5.0
TURN_S: Final = 0.02

log = structlog.get_logger(__name__)


@contextmanager
def releasing(process: Process, transform: Transform, *, bounds: ReleaseSettings) -> Iterator[None]:
    """Send waiting orders back during the block, if this is the process for it."""
    if process.settings.slot != SLOT:
        yield
        return
    beside = Beside(process, transform, bounds)
    thread = threading.Thread(target=beside.run, name="release", daemon=True)
    thread.start()
    try:
        yield
    finally:
        beside.stop.set()
        thread.join(JOIN_S)


@dataclass(slots=True)
class Beside:
    """A thread that looks at the waiting orders from time to time. It never ends the process."""

    process: Process
    transform: Transform
    bounds: ReleaseSettings
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Look, and look again, until stopped; what fails is begun anew."""
        while not self._pause():
            try:
                with ExitStack() as open_things:
                    self._follow(*self._parts(open_things))
            except Exception as error:  # noqa: BLE001 - the orders wait on, and the stage goes on
                log.warning("release.interrupted", error=type(error).__name__, why=str(error)[:500])

    def _follow(self, watch: Watch, release: Release) -> None:
        while not self.stop.is_set():
            state = watch.look()
            if state is None:
                self.stop.wait(TURN_S)
            else:
                release.turn(state)
                self._pause()

    def _parts(self, open_things: ExitStack) -> tuple[Watch, Release]:
        process = self.process
        watch = Watch(open_things.enter_context(_reader(process)))
        tables: dict[str, Table[msgspec.Struct]] = {COMMANDED: NoRows()}
        for spec in OF_ITEMS:
            name = process.topology.name(spec.topic)
            table = TopicTable(replace(spec, topic=name), path=None, decode=process.codec.decode)
            open_things.callback(table.close)
            watch.follow(table, process.partitions(name))
            tables[spec.topic] = table
        held = process.topology.held(ORDERS, process.settings.service)
        watch.follow_holds(held, process.partitions(held))
        group = process.topology.group(process.settings.service)
        transactions = process.transactions(f"{group}-release")
        open_things.callback(transactions.close)
        return watch, Release(
            desk=open_things.enter_context(desk_of(process, transactions)),
            take_over=transactions.open,
            would_map=Rehearsal(self.transform, tables, process.codec),
            by=group,
            letters_max=self.bounds.letters_max,
            pause=lambda letters: self.stop.wait(letters / self.bounds.letters_per_s),
            clock=process.clock,
        )

    def _pause(self) -> bool:
        return self.process.clock.wait(self.stop, seconds=self.bounds.interval_s)


@contextmanager
def _reader(process: Process) -> Iterator[Reader]:
    reader = process.reader()
    with closing(reader.consumer):
        yield reader

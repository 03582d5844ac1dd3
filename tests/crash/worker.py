"""One worker of the suite: ``python -m tests.crash.worker KIND SLOT FOLDER``."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from isthmus.core.errors import Rejected, Retryable
from isthmus.core.records import Attempt, Batch, Output, Record, Tables
from isthmus.kafka import loops, run
from isthmus.kafka.item import Item
from isthmus.kafka.letters import Write
from isthmus.kafka.process import Process
from isthmus.kafka.real_clients import CONFLUENT
from isthmus.kafka.source import Feed
from isthmus.messages.netsuite import Item as Fact
from isthmus.messages.netsuite import Outcome
from isthmus.ops.settings import WorkerSettings, load
from tests.crash.events import ACCOUNT, Event, event_of
from tests.crash.failpoints import Failpoints, StruckClients
from tests.crash.grid import State
from tests.crash.journal import Journal
from tests.crash.plants import PLANTS

FACTS_PER_BATCH = 3
SOURCE_ACCOUNTS = ("src-a", "src-b", "src-c", "src-d")  # each worker owns some


class Part:
    """What the stage and the sink have in common: they fail on purpose, and remember it."""

    def __init__(self, workload: str, folder: Path, failpoints: Failpoints) -> None:
        self.workload = workload
        self.folder = folder
        self.failpoints = failpoints
        self._now = threading.local()

    def fail(self, event: Event) -> None:
        """Fail as often as the event asks for; each workload fails half of them."""
        if event.behavior == "ok" or (event.n % 2 == 0) != (self.workload == "crash-stage"):
            return
        now_ms = int(datetime.now(UTC).timestamp() * 1000)  # noqa: TID251
        journal = Journal(self.folder / "journal.sqlite")
        fails = journal.fail(
            self.workload, event.name, now_ms, delivery=self._now.delivery, most=event.failures
        )
        journal.close()
        if fails and event.behavior.startswith("dead"):
            raise Rejected("dead on purpose", reason_class="on-purpose")
        if fails:
            raise Retryable("flaky on purpose", reason_class="on-purpose")

    def struck(self, work: Any) -> Any:
        """Let the fault strike that waits for a record of some kind."""

        def run_struck(item: Item) -> list[Write]:
            self._now.delivery = f"{item.replay_id}/{item.attempts}/{item.tries_in_place}"
            if item.is_retried:
                self.failpoints.reach(State.KEY_PARKED)
            if item.replay_id is not None:
                self.failpoints.reach(State.REPLAY)
            if item.lane.held.keys:
                self.failpoints.reach(State.KEY_HELD)
            done: list[Write] = work(item)
            return done

        return run_struck


class StagePart(Part):
    """One command for each fact."""

    def transform(self, record: Record[msgspec.Struct], _tables: Tables) -> Iterable[Output]:
        assert isinstance(record.value, Fact)
        self.fail(event_of(record.value))
        return [Output("crash.commands", record.key, record.value)]


class SinkPart(Part):
    """One effect for each command, looked up by its name."""

    def handle(self, record: Record[msgspec.Struct], attempt: Attempt) -> Iterable[Output]:
        assert isinstance(record.value, Fact)
        event = event_of(record.value)
        self.fail(event)
        if not attempt.is_current():
            raise Retryable("no longer ours", reason_class="not-current")
        journal = Journal(self.folder / "journal.sqlite")
        created = journal.request(event.name, event.key, event.n, os.getpid())
        journal.close()
        self.failpoints.reach(State.EFFECT_SENT)
        outcome = Outcome(
            account=ACCOUNT,
            order_id=event.key,
            external_id=event.name,
            record_type="event",
            result="created" if created else "already_there",
            internal_id=event.name,
            payload_hash="",
            command=record.effect_id,
            attempts=attempt.number,
            looked_up=attempt.unsure,
            finished_at=datetime.now(UTC).replace(microsecond=0),  # noqa: TID251
        )
        return [Output("crash.outcomes", record.key, outcome)]


def feeds(account: str, _tables: Mapping[str, Any]) -> Sequence[Feed]:
    """Count up, for ever; the cursor is the number."""

    def poll(name: str, cursor: str | None) -> Iterator[Batch]:
        first = int(cursor or 0)
        events = [Event(f"{name}/count", first + one, "ok") for one in range(FACTS_PER_BATCH)]
        outputs = tuple(Output("crash.facts", event.key, event.record()) for event in events)
        yield Batch(outputs, cursor=str(first + FACTS_PER_BATCH))

    return [Feed("count", every_s=0.5, poll=poll)]


def main(kind: str, slot: str, folder: Path) -> int:
    """Run a worker until SIGTERM."""
    if plant := os.environ.get("PLANT"):  # noqa: TID251
        PLANTS[plant]()
    settings = load(WorkerSettings)
    failpoints = Failpoints(folder, f"{kind}-{slot}")
    process = Process.of(settings, clients=StruckClients(CONFLUENT, failpoints))
    if kind == "source":
        return run.turn(loops.source(process, feeds, accounts=SOURCE_ACCOUNTS), process)
    if kind == "stage":
        part = StagePart("crash-stage", folder, failpoints)
        loop = loops.stage(process, part.transform)
    else:
        sink = SinkPart("crash-sink", folder, failpoints)
        part, loop = sink, loops.sink(process, sink.handle)  # type: ignore[assignment]
    loop._work = loop._execution._work = part.struck(loop._work)  # type: ignore[attr-defined]
    return run.turn(loop, process)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], Path(sys.argv[3])))

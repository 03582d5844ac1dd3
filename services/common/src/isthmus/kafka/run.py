"""Runs a service: joins its pure function or handler to Kafka, and turns the loop until SIGTERM.

What a service author writes is the argument: ``run_stage`` takes a pure function, ``run_sink`` a
handler, ``run_source`` feeds. All the rest is here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final, NoReturn, Protocol

import structlog

from isthmus.core.records import Handle, IsWhole, Transform, TransformGroup
from isthmus.kafka import exits
from isthmus.kafka.account_state import RestoreTimedOut
from isthmus.kafka.dead_letter_limit import DeadLetterLimitReached
from isthmus.kafka.liveness import Liveness
from isthmus.kafka.loops import FeedsOf, fold, sink, source, stage
from isthmus.kafka.ownership import NotCoOwned
from isthmus.kafka.process import Process
from isthmus.kafka.stall import Stalled
from isthmus.kafka.tables import TableSpec
from isthmus.kafka.transactions import Fenced, NotCommitted
from isthmus.ops import logs, watchdog
from isthmus.ops.configuration import ConfigurationError
from isthmus.ops.health import HealthServer
from isthmus.ops.leaving import leave
from isthmus.ops.settings import WorkerSettings
from isthmus.ops.shutdown import Shutdown

ENDS: Final[Mapping[type[BaseException], int]] = {
    Fenced: exits.FENCED,
    NotCoOwned: exits.NOT_CO_OWNED,
    DeadLetterLimitReached: exits.DEAD_LETTER_LIMIT,
    NotCommitted: exits.UNCOMMITTED,
    Stalled: exits.STALLED,
    RestoreTimedOut: exits.UNCOMMITTED,
}

SPANS_S: Final = 2.0

log = structlog.get_logger(__name__)


class Loop(Protocol):
    """What is turned."""

    def start(self) -> None: ...
    def step(self) -> None: ...
    def drain(self, *, until: float) -> None: ...


def run_stage(
    settings: WorkerSettings, transform: Transform, *, tables: Sequence[TableSpec] = ()
) -> int:
    """Run a stage until SIGTERM; return the exit code.

    :param tables: what ``transform`` finds in its tables, by topic.
    """
    process = Process.of(settings)
    return turn(stage(process, transform, tables=tables), process)


def run_fold(
    settings: WorkerSettings,
    transform: TransformGroup,
    *,
    is_whole: IsWhole,
    tables: Sequence[TableSpec] = (),
) -> int:
    """Run a stage of whole groups until SIGTERM; return the exit code.

    The records of a group have the same key and come in their order. They wait in memory, raw,
    within the bounds of the window: ``ISTHMUS_LIMIT_WINDOW_BYTES`` for each partition.

    :param is_whole: ``(record, count)``: whether the group is whole with its count-th record.
    :param tables: what ``transform`` finds in its tables, by topic.
    """
    process = Process.of(settings)
    return turn(fold(process, transform, is_whole=is_whole, tables=tables), process)


def run_sink(settings: WorkerSettings, handle: Handle, *, tables: Sequence[TableSpec] = ()) -> int:
    """Run a sink until SIGTERM; return the exit code."""
    process = Process.of(settings)
    return turn(sink(process, handle, tables=tables), process)


def run_source(
    settings: WorkerSettings,
    feeds_of: FeedsOf,
    *,
    accounts: Sequence[str],
    tables: Sequence[str] = (),
) -> int:
    """Run a source until SIGTERM; return the exit code.

    :param feeds_of: ``(account, tables) -> feeds``; called when an account is taken over.
    :param tables: topics of which the feeds see the account's own rows.
    """
    process = Process.of(settings)
    return turn(source(process, feeds_of, accounts=accounts, tables=tables), process)


def turn(loop: Loop, process: Process) -> int:
    """Turn the loop until SIGTERM, then drain; return the exit code.

    A fenced process ends at once and closes nothing: what it could still send would be the work
    of a zombie.
    """
    settings = process.settings
    with (
        _health(process, loop),
        Shutdown(drain_s=settings.limits.drain_s, clock=process.clock) as shutdown,
    ):
        liveness = Liveness(
            heartbeat=process.heartbeat,
            shutdown=shutdown,
            clock=process.clock,
            promise=process.promise,
            bound_s=settings.kafka.max_poll_interval_s,
        )
        liveness.start()
        try:
            loop.start()
            while not shutdown.requested:
                loop.step()
            loop.drain(until=shutdown.deadline - settings.limits.rebalance_budget_s)
        except tuple(ENDS) as error:
            code = ENDS[type(error)]
            log.error("process.ends", exit_code=code, why=str(error), kind=type(error).__name__)
            if isinstance(error, Stalled):
                watchdog.dump_stacks(str(error))
            os._exit(code)
        finally:
            liveness.stop()
            process.tracing.close(within_s=SPANS_S)
    return exits.OK


@contextmanager
def _health(process: Process, loop: Loop) -> Iterator[None]:
    settings = process.settings
    logs.configure(service=settings.service, slot=settings.slot, level=settings.ops.log_level)
    server = HealthServer(
        host=settings.ops.http_host,
        port=settings.ops.http_port,
        metrics=process.metrics,
        heartbeat=process.heartbeat,
        alive_within_s=settings.kafka.max_poll_interval_s,
        unready=lambda: [] if getattr(loop, "is_ready", True) else ["partitions are restoring"],
    )
    server.start()
    log.info("process.started", http_port=server.port, clock_factor=settings.ops.clock_factor)
    try:
        yield
    finally:
        server.stop()


def exit_with(run: Callable[[], int]) -> NoReturn:
    """Run a service and end the process; settings that are wrong are one clear refusal."""
    try:
        code = run()
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        code = exits.CONFIGURATION
    leave(code)

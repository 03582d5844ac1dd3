"""Runs a service: joins its pure function or handler to Kafka, and turns the loop until SIGTERM.

What a service author writes is the argument: ``run_stage`` takes a pure function, ``run_sink`` a
handler, ``run_source`` feeds. All the rest is here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from typing import Final, NoReturn, Protocol

import msgspec
import structlog

from isthmus.core.records import Handle, IsWhole, Table, Transform, TransformGroup
from isthmus.kafka import client_settings, exits, real_clients, topics
from isthmus.kafka.account_state import AccountState, RestoreTimedOut
from isthmus.kafka.bound import Bound
from isthmus.kafka.clients import Clients
from isthmus.kafka.codec import Codec, RegistryUnreachable
from isthmus.kafka.codecs import codec_for
from isthmus.kafka.commits import Commits
from isthmus.kafka.dead_letter_limit import DeadLetterLimit, DeadLetterLimitReached
from isthmus.kafka.execution import Execution, Inline, Pool
from isthmus.kafka.gauges import Gauges
from isthmus.kafka.item import Item
from isthmus.kafka.letters import Write
from isthmus.kafka.liveness import Liveness
from isthmus.kafka.log_ends import LogEnds
from isthmus.kafka.observer import Observer
from isthmus.kafka.open_letters import OpenLetters
from isthmus.kafka.ownership import NotCoOwned, Ownership
from isthmus.kafka.pauses import Pauses
from isthmus.kafka.promise import Promise
from isthmus.kafka.reader import Reader
from isthmus.kafka.schema_wait import SchemaWait
from isthmus.kafka.source import AccountOwner, Feed, Source
from isthmus.kafka.source_observer import SourceObserver
from isthmus.kafka.stall import Stalled, StallWatch
from isthmus.kafka.stopwatch import timed
from isthmus.kafka.tables import Kind, TableSpec, TopicTable
from isthmus.kafka.topology import Topology
from isthmus.kafka.traced import traced
from isthmus.kafka.transactions import Fenced, NotCommitted, Told, Transactions, nobody
from isthmus.kafka.work import Envelope, TablesOf, fold_work, sink_work, stage_work
from isthmus.kafka.worker import Worker
from isthmus.kafka.workload import bounds, workload
from isthmus.ops import logs, watchdog
from isthmus.ops.clock import Clock, SystemClock
from isthmus.ops.configuration import ConfigurationError, Problem
from isthmus.ops.health import HealthServer, Heartbeat
from isthmus.ops.limits import LimitSettings
from isthmus.ops.metrics import Metrics
from isthmus.ops.settings import WorkerSettings
from isthmus.ops.shutdown import Shutdown
from isthmus.ops.tracing import NoTracing, Tracing, tracing_to

ENDS: Final[Mapping[type[BaseException], int]] = {
    Fenced: exits.FENCED,
    NotCoOwned: exits.NOT_CO_OWNED,
    DeadLetterLimitReached: exits.DEAD_LETTER_LIMIT,
    NotCommitted: exits.UNCOMMITTED,
    Stalled: exits.STALLED,
    RestoreTimedOut: exits.UNCOMMITTED,
}

SPANS_S: Final = 2.0
LETTERS_QUEUE_BYTES: Final = 1024 * 1024

log = structlog.get_logger(__name__)

Work = Callable[[Item], list[Write]]
FeedsOf = Callable[[str, Mapping[str, Table[msgspec.Struct]]], Sequence[Feed]]


class Loop(Protocol):
    """What is turned."""

    def start(self) -> None: ...
    def step(self) -> None: ...
    def drain(self, *, until: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Process:
    """What every service of this process shares."""

    settings: WorkerSettings
    clients: Clients
    topology: Topology
    codec: Codec
    clock: Clock
    metrics: Metrics
    heartbeat: Heartbeat
    promise: Promise
    tracing: Tracing = field(default_factory=NoTracing)

    @classmethod
    def of(cls, settings: WorkerSettings, *, clients: Clients = real_clients.CONFLUENT) -> Process:
        """Read the topic list and the schemas, and make the rest."""
        clock, metrics = SystemClock(settings.ops.clock_factor), Metrics()
        metrics.build_info.labels(settings.service, version("isthmus")).set(1)
        topology = topics.load(settings.schemas.schemas_dir / "topics.yaml").renamed(
            settings.topic_prefix
        )
        return cls(
            settings=settings,
            clients=clients,
            topology=topology,
            codec=codec_for(
                topology, schemas_dir=settings.schemas.schemas_dir, kafka=settings.kafka
            ),
            clock=clock,
            metrics=metrics,
            heartbeat=Heartbeat(clock),
            promise=Promise(clock),
            tracing=tracing_to(
                settings.ops.otlp_endpoint,
                service=settings.service,
                slot=settings.slot,
                ratio=settings.ops.trace_ratio,
            ),
        )

    def reader(self, *, queue_bytes: int | None = None) -> Reader:
        """Open a reader of tables, with a consumer of its own.

        :param queue_bytes: what it fetches ahead, instead of the setting.
        """
        settings = client_settings.table_consumer(
            self.settings.kafka, group=f"{self.topology.group(self.settings.service)}-tables"
        )
        if queue_bytes is not None:
            settings = {**settings, "queued.max.messages.kbytes": queue_bytes // 1024}
        connection = client_settings.connection(self.settings.kafka)
        return Reader(self.clients.consumer(settings), lambda: self.clients.admin(connection))

    def watched(self, work: Work) -> Work:
        """Return the same work, measured and traced."""
        group = self.topology.group(self.settings.service)
        return traced(timed(work, self.clock), self.tracing, group=group)

    def observer(self, group: str, reader: Reader) -> Observer:
        """Make what tells Prometheus about the loop of a stage or a sink."""
        letters = OpenLetters(
            reader_of=partial(self.reader, queue_bytes=LETTERS_QUEUE_BYTES),
            audit_topic=self.topology.audit,
            decode=self.codec.decode,
            clock=self.clock,
            most=self.settings.limits.dead_letters_known,
        )
        gauges = Gauges(self.metrics, group, LogEnds(reader, self.clock), letters)
        return Observer(self.metrics, group, self.clock, self.heartbeat, gauges, self.tracing)

    def transactions(self, transactional_id: str, *, told: Told = nobody) -> Transactions:
        """Make the transactions of a slot or an account."""
        kafka = self.settings.kafka
        return Transactions(
            clients=self.clients,
            settings=client_settings.transactional_producer(
                kafka, transactional_id=transactional_id
            ),
            clock=self.clock,
            call_timeout_s=kafka.call_timeout_s,
            told=told,
            tracing=self.tracing,
            promise=self.promise,
        )

    def partitions(self, topic: str) -> list[int]:
        """Ask how many partitions a topic has."""
        admin = self.clients.admin(client_settings.connection(self.settings.kafka))
        return list(
            admin.list_topics(topic, self.settings.kafka.call_timeout_s).topics[topic].partitions
        )


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


def stage(process: Process, transform: Transform, *, tables: Sequence[TableSpec] = ()) -> Worker:
    """Make the loop of a stage."""

    def make(envelope: Envelope, tables_of: TablesOf) -> tuple[Work, Execution]:
        work = process.watched(stage_work(transform, envelope=envelope, tables_of=tables_of))
        return work, Inline(work, batch=process.settings.limits.transaction_outputs)

    return worker(process, tables=tables, make=make)


def fold(
    process: Process,
    transform: TransformGroup,
    *,
    is_whole: IsWhole,
    tables: Sequence[TableSpec] = (),
) -> Worker:
    """Make the loop of a stage of whole groups."""

    def make(envelope: Envelope, tables_of: TablesOf) -> tuple[Work, Execution]:
        folded = fold_work(transform, is_whole, envelope=envelope, tables_of=tables_of)
        work = process.watched(folded)
        return work, Inline(work, batch=process.settings.limits.transaction_outputs)

    return worker(process, tables=tables, make=make)


def sink(process: Process, handle: Handle, *, tables: Sequence[TableSpec] = ()) -> Worker:
    """Make the loop of a sink."""
    limits = process.settings.limits

    def make(envelope: Envelope, tables_of: TablesOf) -> tuple[Work, Execution]:
        handled = sink_work(
            handle,
            envelope=envelope,
            tables_of=tables_of,
            clock=process.clock,
            deadline_s=limits.handler_deadline_s,
        )
        work = process.watched(handled)
        return work, Pool(work, slots=limits.handler_slots)

    return worker(process, tables=tables, make=make)


def source(
    process: Process, feeds_of: FeedsOf, *, accounts: Sequence[str], tables: Sequence[str] = ()
) -> Source:
    """Make the loop of a source."""
    settings = process.settings
    service, topology = settings.service, process.topology
    pauses = Pauses(topology.control, topology.group(service), process.codec.decode)
    control = process.reader()
    pauses.open(control)
    observer = SourceObserver(
        process.metrics,
        topology.group(service),
        process.heartbeat,
        {
            topology.dlq(one.name, service): topology.name(one.name)
            for one in topology.produced_by(service)
        },
    )

    def is_paused(account: str) -> bool:
        return pauses.stops(account.encode())

    def owner_of(account: str) -> AccountOwner:
        opened = {
            topology.name(name): TopicTable(
                TableSpec(topology.name(name), Kind.LOCAL), path=None, decode=process.codec.decode
            )
            for name in tables
        }
        return AccountOwner(
            account=account,
            service=service,
            feeds=feeds_of(account, {topology.logical(name): one for name, one in opened.items()}),
            topology=topology,
            codec=process.codec,
            transactions=process.transactions(
                f"{topology.group(service)}-{account}", told=observer.transaction_ended
            ),
            state=AccountState(
                topic=topology.checkpoints(service),
                partitions=process.partitions(topology.checkpoints(service)),
                tables=[(one, process.partitions(name)) for name, one in opened.items()],
                reader_of=process.reader,
                codec=process.codec,
                clock=process.clock,
                bound_s=settings.kafka.transaction_timeout_s + settings.limits.restore_margin_s,
            ),
            clock=process.clock,
            fact_bytes_max=settings.limits.fact_bytes,
            is_paused=is_paused,
            tracing=process.tracing,
        )

    prepare(
        process,
        [one.name for one in topology.produced_by(service)] + [topology.checkpoints(service)],
    )
    group = topology.group(service)
    return Source(
        topic=topology.accounts(service),
        consumer=process.clients.consumer(
            client_settings.group_consumer(
                settings.kafka, group=group, instance_id=f"{group}-{settings.slot}"
            )
        ),
        accounts=accounts,
        owner_of=owner_of,
        clock=process.clock,
        revoke_budget_s=settings.limits.revoke_budget_s,
        heartbeat=process.heartbeat,
        control=control,
    )


def worker(
    process: Process,
    *,
    tables: Sequence[TableSpec],
    make: Callable[[Envelope, TablesOf], tuple[Work, Execution]],
) -> Worker:
    """Join the parts of a stage's or a sink's loop."""
    settings, limits, topology = process.settings, process.settings.limits, process.topology
    specs = tuple(TableSpec(topology.name(one.topic), one.kind, index=one.index) for one in tables)
    load = workload(
        settings.service,
        slot=settings.slot,
        topology=topology,
        limits=limits,
        clock=process.clock,
        tables=specs,
    )
    consumer = process.clients.consumer(
        client_settings.group_consumer(
            settings.kafka, group=load.group, instance_id=load.instance_id
        )
    )
    reader = process.reader()
    ownership = Ownership(
        workload=load,
        consumer=consumer,
        reader=reader,
        codec=process.codec,
        clock=process.clock,
        state_dir=settings.state_dir,
        restore_bound_s=settings.kafka.transaction_timeout_s + limits.restore_margin_s,
        logical=topology.logical,
    )
    prepare(
        process,
        [one.name for one in topology.produced_by(settings.service)]
        + [name for flow in load.flows for name in (flow.topics.held, flow.topics.positions)],
    )
    envelope = Envelope(
        codec=process.codec,
        incoming=SchemaWait(process.codec.decode, process.clock, limits.schema_wait_s),
        service=settings.service,
        physical=topology.name,
        local=frozenset(one.topic for one in specs if one.kind is Kind.LOCAL),
        message_bytes_max=settings.kafka.message_bytes,
    )
    work, execution = make(envelope, ownership.tables_of)
    observer = process.observer(load.group, reader)
    return Worker(
        subscription=load.subscription,
        consumer=consumer,
        ownership=ownership,
        reader=reader,
        commits=Commits(
            consumer=consumer,
            reader=reader,
            transactions=process.transactions(
                load.transactional_id, told=observer.transaction_ended
            ),
            clock=process.clock,
            observer=observer,
        ),
        execution=execution,
        work=work,
        limit=dead_letter_limit(limits),
        pauses=Pauses(load.control_topic, load.group, process.codec.decode),
        bound=bound(limits, process.clock),
        clock=process.clock,
        observer=observer,
        stall=StallWatch(process.clock, limits.stall_s),
        incremental=settings.kafka.group_protocol == "consumer",
    )


def prepare(process: Process, written: Iterable[str]) -> None:
    """Look up now the schemas of what will be written: a refusal stops the start, not a record.

    :param written: topics.
    :raises ConfigurationError: the registry refuses a schema, or does not answer.
    """
    try:
        process.codec.prepare(written)
    except RegistryUnreachable as error:
        remedy = "see that the registry runs and can be reached from here, then start again"
        raise ConfigurationError(
            [Problem("ISTHMUS_KAFKA_REGISTRY_URL", error.detail, remedy)]
        ) from error


def dead_letter_limit(limits: LimitSettings) -> DeadLetterLimit:
    """Return how many dead letters are too many."""
    return DeadLetterLimit(
        ratio=limits.dead_letter_ratio,
        sample=limits.dead_letter_sample,
        consecutive=limits.dead_letter_consecutive,
    )


def bound(limits: LimitSettings, clock: Clock) -> Bound:
    """Return the bounds of a stage's or a sink's loop."""
    return Bound(
        window=bounds(limits),
        parked_records=limits.parked_records,
        parked_keys=limits.parked_keys,
        parked_bytes=limits.parked_bytes,
        group_ms=int(clock.scaled(limits.group_age_s) * 1000),
        batch=limits.transaction_outputs,
        batch_s=limits.transaction_s,
        revoke_s=limits.revoke_budget_s,
    )


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
            loop.drain(until=shutdown.deadline - settings.limits.revoke_budget_s)
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
    sys.exit(code)

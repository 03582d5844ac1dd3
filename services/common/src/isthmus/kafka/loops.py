"""Makes the loops: joins a pure function, a handler or feeds to the parts of the core."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from isthmus.core.records import Handle, IsWhole, Table, Transform, TransformGroup
from isthmus.kafka import client_settings
from isthmus.kafka.account_state import AccountState
from isthmus.kafka.bound import Bound
from isthmus.kafka.clients import Consumer
from isthmus.kafka.codec import RegistryUnreachable
from isthmus.kafka.commits import Commits
from isthmus.kafka.dead_letter_limit import DeadLetterLimit
from isthmus.kafka.execution import Execution, Inline, Pool
from isthmus.kafka.item import Item
from isthmus.kafka.letters import Write
from isthmus.kafka.ownership import Ownership
from isthmus.kafka.pauses import Pauses
from isthmus.kafka.process import Process
from isthmus.kafka.reader import Reader
from isthmus.kafka.schema_wait import SchemaWait
from isthmus.kafka.source import AccountOwner, Feed, Source
from isthmus.kafka.source_observer import SourceObserver
from isthmus.kafka.stall import StallWatch
from isthmus.kafka.tables import Kind, TableSpec, TopicTable
from isthmus.kafka.work import Envelope, TablesOf, fold_work, sink_work, stage_work
from isthmus.kafka.worker import Worker
from isthmus.kafka.workload import Workload, bounds, workload
from isthmus.ops.clock import Clock
from isthmus.ops.configuration import ConfigurationError, Problem
from isthmus.ops.limits import LimitSettings

Work = Callable[[Item], list[Write]]
FeedsOf = Callable[[str, Mapping[str, Table[msgspec.Struct]]], Sequence[Feed]]


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
    settings, topology = process.settings, process.topology
    service, group = settings.service, topology.group(settings.service)
    pauses = Pauses(topology.control, group, process.codec.decode)
    control = process.reader()
    pauses.open(control)
    prepare(
        process,
        [one.name for one in topology.produced_by(service)] + [topology.checkpoints(service)],
    )
    return Source(
        topic=topology.accounts(service),
        consumer=process.clients.consumer(
            client_settings.group_consumer(
                settings.kafka, group=group, instance_id=f"{group}-{settings.slot}"
            )
        ),
        accounts=accounts,
        owner_of=owners(process, feeds_of, pauses=pauses, tables=tables),
        clock=process.clock,
        rebalance_budget_s=settings.limits.rebalance_budget_s,
        heartbeat=process.heartbeat,
        control=control,
    )


def owners(
    process: Process, feeds_of: FeedsOf, *, pauses: Pauses, tables: Sequence[str]
) -> Callable[[str], AccountOwner]:
    """Return what makes the owner of an account, with clients of its own."""
    settings, topology = process.settings, process.topology
    service, group = settings.service, topology.group(settings.service)
    letters = {
        topology.dlq(one.name, service): topology.name(one.name)
        for one in topology.produced_by(service)
    }
    observer = SourceObserver(process.metrics, group, process.heartbeat, letters)

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
                f"{group}-{account}", told=observer.transaction_ended
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
            is_paused=lambda one: pauses.stops(one.encode()),
            tracing=process.tracing,
        )

    return owner_of


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
    ownership = _ownership(process, load, consumer=consumer, reader=reader)
    prepare(
        process,
        [one.name for one in topology.produced_by(settings.service)]
        + [name for flow in load.flows for name in (flow.topics.held, flow.topics.positions)],
    )
    envelope = _envelope(process, specs)
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


def _ownership(
    process: Process, load: Workload, *, consumer: Consumer, reader: Reader
) -> Ownership:
    settings = process.settings
    return Ownership(
        workload=load,
        consumer=consumer,
        reader=reader,
        codec=process.codec,
        clock=process.clock,
        state_dir=settings.state_dir,
        restore_bound_s=settings.kafka.transaction_timeout_s + settings.limits.restore_margin_s,
        logical=process.topology.logical,
    )


def _envelope(process: Process, tables: Sequence[TableSpec]) -> Envelope:
    settings = process.settings
    return Envelope(
        codec=process.codec,
        incoming=SchemaWait(process.codec.decode, process.clock, settings.limits.schema_wait_s),
        service=settings.service,
        physical=process.topology.name,
        local=frozenset(one.topic for one in tables if one.kind is Kind.LOCAL),
        message_bytes_max=settings.kafka.message_bytes,
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
        rebalance_s=limits.rebalance_budget_s,
    )

"""Runs the flow on a Kafka of its own, strikes its workers one cell after the other, and judges."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import confluent_kafka
from confluent_kafka.admin import AdminClient, NewTopic

from isthmus.kafka import client_settings, topics
from isthmus.kafka.codec import Codec
from isthmus.kafka.codecs import codec_for
from isthmus.kafka.local import KafkaCluster, running_kafka
from isthmus.kafka.physical import physical_topics
from isthmus.kafka.reader import Reader
from isthmus.kafka.real_clients import CONFLUENT
from isthmus.kafka.replay import Act, Desk, Operator, ReplayInProgress, by_key
from isthmus.kafka.topology import Topology
from isthmus.kafka.transactions import NotCommitted, Transactions
from isthmus.kafka.whole import NotReadInTime
from isthmus.ops.clock import SystemClock
from isthmus.ops.settings import KafkaSettings, SchemaSettings
from tests.crash.checker import Checker
from tests.crash.events import Event, Generator
from tests.crash.evidence import FLOWS, CommitSampler, Evidence, read_topic, write_out
from tests.crash.grid import CELLS, ONLY_SINK, Cell, Fault, State
from tests.crash.journal import Journal

HERE = Path(__file__).parent
RATE_PER_S = 60.0
SESSION_S = 6.0
STOPPED_S = SESSION_S + 2
REACH_S = 45.0
REST_S = 150.0
KINDS = {"source": "crash-source", "stage": "crash-stage", "sink": "crash-sink"}
SLOTS = {"source": 2, "stage": 2, "sink": 2}
EXTRA_SLOT = 2

ENVIRONMENT = {
    "ISTHMUS_KAFKA_SESSION_TIMEOUT_S": f"{SESSION_S:g}",
    "ISTHMUS_KAFKA_MAX_POLL_INTERVAL_S": "10",
    "ISTHMUS_KAFKA_TRANSACTION_TIMEOUT_S": "15",
    "ISTHMUS_KAFKA_CALL_TIMEOUT_S": "10",
    "ISTHMUS_LIMIT_REVOKE_BUDGET_S": "4",
    "ISTHMUS_LIMIT_HANDLER_DEADLINE_S": "3",
    "ISTHMUS_LIMIT_BACKOFF_BASE_S": "0.2",
    "ISTHMUS_LIMIT_BACKOFF_CAP_S": "2",
    "ISTHMUS_LIMIT_IN_PLACE_S": "0.1",
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
    """The workers; who dies is started again, as a supervisor does."""

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
                cwd=HERE.parent.parent,
            )

    def _watch(self) -> None:
        while not self._over.wait(0.1):
            with self._lock:
                for member in self.members.values():
                    if member.wanted and member.process.poll() is not None:
                        self.restarts += 1
                        member.process = self._launch(member.kind, member.slot)


class Load:
    """Puts events in, at a rate, and remembers what Kafka acknowledged."""

    def __init__(self, bootstrap: str, topology: Topology, codec: Codec, seed: int) -> None:
        self.sent: list[Event] = []
        self._topic = topology.name("crash.facts")
        self._codec = codec
        self._generator = Generator(seed)
        self._producer = confluent_kafka.Producer(
            {
                "bootstrap.servers": bootstrap,
                "enable.idempotence": True,
                "partitioner": "murmur2_random",
                "message.timeout.ms": 120_000,
                "log_level": 0,
            }
        )
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Put nothing more in."""
        self._over.set()
        self._thread.join()
        if self._producer.flush(60):
            raise RuntimeError("the load was not acknowledged")

    def _run(self) -> None:
        while not self._over.wait(1 / RATE_PER_S):
            event = self._generator.event()

            def delivered(error: object, _message: object, event: Event = event) -> None:
                if error is None:
                    self.sent.append(event)

            self._producer.produce(
                self._topic,
                key=event.key.encode(),
                value=self._codec.encode(self._topic, event.record()),
                on_delivery=delivered,
            )
            self._producer.poll(0)


@dataclass
class Verdict:
    """How a run ended."""

    broken: dict[str, list[str]]
    hits: dict[Cell, int]
    missed: list[Cell]
    restarts: int
    evidence: Evidence
    requests: tuple[int, int]
    seconds: float


@dataclass
class Stage:
    """Everything a run needs."""

    kafka: KafkaCluster
    topology: Topology
    codec: Codec
    folder: Path
    troupe: Troupe
    sampler: CommitSampler
    evidence: Evidence
    chance: random.Random
    keep: bool = False
    hits: dict[Cell, int] = field(default_factory=dict)
    missed: list[Cell] = field(default_factory=list)
    operators: dict[str, Operator] = field(default_factory=dict)


@contextmanager
def stage(*, seed: int, nodes: int, plant: str, mode: str) -> Iterator[Stage]:
    """Start Kafka, create the topics, start the workers; end them all."""
    folder = Path(tempfile.mkdtemp(prefix="isthmus-crash-"))
    on: Stage | None = None
    schemas = folder / "schemas"
    shutil.copytree(SchemaSettings().schemas_dir, schemas)
    shutil.copy(HERE / "topics.yaml", schemas / "topics.yaml")
    topology = topics.load(schemas / "topics.yaml")
    with running_kafka(mode=mode, nodes=nodes) as kafka:
        settings = KafkaSettings(bootstrap_servers=kafka.bootstrap_servers)
        codec = codec_for(topology, schemas_dir=schemas, kafka=settings)
        create_topics(kafka.bootstrap_servers, topology, replication=nodes)
        environment = {
            **os.environ,  # noqa: TID251
            **ENVIRONMENT,
            "ISTHMUS_KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
            "ISTHMUS_SCHEMAS_DIR": str(schemas),
            "PLANT": plant,
        }
        troupe = Troupe(folder, environment)
        sampler = CommitSampler(kafka.bootstrap_servers, topology)
        try:
            for kind, slots in SLOTS.items():
                for slot in range(slots):
                    troupe.start(kind, slot)
            on = Stage(
                kafka, topology, codec, folder, troupe, sampler, Evidence(), random.Random(seed)
            )
            yield on
        finally:
            troupe.end()
            sampler.close()
    if not on.keep:
        shutil.rmtree(folder)


def create_topics(bootstrap: str, topology: Topology, *, replication: int) -> None:
    """Create every topic of the flow."""
    admin = AdminClient({"bootstrap.servers": bootstrap})
    wanted = [
        NewTopic(
            one.name,
            num_partitions=one.partitions,
            replication_factor=replication,
            config={**one.config, "min.insync.replicas": "2" if replication > 2 else "1"},
        )
        for one in physical_topics(topology)
    ]
    for future in admin.create_topics(wanted).values():
        future.result()


def run(
    *,
    seed: int,
    faults: int,
    nodes: int = 1,
    plant: str = "",
    mode: str = "embedded",
    tell: Callable[[str], None] = print,
) -> Verdict:
    """Strike so many times, let all come to rest, and judge."""
    began = time.monotonic()
    with stage(seed=seed, nodes=nodes, plant=plant, mode=mode) as on:
        load = Load(on.kafka.bootstrap_servers, on.topology, on.codec, seed)
        try:
            _wait(lambda: len(on.sampler.sample(0)) >= 24, 60, "the workers did not begin")
            for number, cell in enumerate(schedule(on.chance, faults, on.kafka.can_be_killed), 1):
                _strike(on, cell)
                on.evidence.commits += on.sampler.sample(time.monotonic() - began)
                tell(f"{number:>3}/{faults} {cell.fault:<7} {cell.state:<17} {_how(on, cell)}")
        finally:
            load.end()
        on.evidence.sent = load.sent
        _come_to_rest(on, began)
        _stop_sources(on)
        _come_to_rest(on, began)
        _collect(on)
        checker = Checker(on.evidence, decode=on.codec.decode)
        journal = Journal(on.folder / "journal.sqlite")
        broken = checker.broken()
        if broken:
            on.keep = True
            write_out(on.folder / "evidence.tsv", on.evidence)
            tell(f"logs and evidence are kept in {on.folder}")
        return Verdict(
            broken=broken,
            hits=on.hits,
            missed=on.missed,
            restarts=on.troupe.restarts,
            evidence=on.evidence,
            requests=journal.requests(),
            seconds=time.monotonic() - began,
        )


def schedule(chance: random.Random, faults: int, can_kill_broker: bool) -> list[Cell]:
    """Return every cell once, in an order of the seed, and again until there are enough."""
    cells = [cell for cell in CELLS if can_kill_broker or cell.fault is not Fault.BROKER]
    order: list[Cell] = []
    while len(order) < faults:
        order += chance.sample(cells, len(cells))
    return order[:faults]


def _how(on: Stage, cell: Cell) -> str:
    return "not reached" if on.missed and on.missed[-1] is cell else "hit"


def _strike(on: Stage, cell: Cell) -> None:
    """Arm a worker, bring it to the state, wait until it is struck, and heal what must be."""
    kind = "sink" if cell.state in ONLY_SINK else on.chance.choice(("stage", "sink"))
    extra: Member | None = None
    victim = on.troupe.members[f"{kind}-{on.chance.randrange(2)}"]
    if cell.state is State.SCALE_OUT:
        _arm(on, f"{kind}-{EXTRA_SLOT}", cell)
        extra = victim = on.troupe.start(kind, EXTRA_SLOT)
    else:
        if cell.state is State.SCALE_IN:
            extra = on.troupe.start(kind, EXTRA_SLOT)
            time.sleep(3)
        _arm(on, victim.name, cell)
        if cell.state is State.REBALANCE:
            extra = on.troupe.start(kind, EXTRA_SLOT)
        elif cell.state is State.SCALE_IN and extra is not None:
            on.troupe.leave(extra)
            extra = None
        elif cell.state is State.RESTORING:
            victim.process.kill()
        elif cell.state in (State.REPLAY, State.KEY_HELD):
            _replay_some(on, kind)
    _await_hit(on, victim, cell)
    if extra is not None:
        on.troupe.leave(extra)


def _arm(on: Stage, worker: str, cell: Cell) -> None:
    (on.folder / f"hit-{worker}").unlink(missing_ok=True)
    path = on.folder / f"armed-{worker}"
    path.with_suffix(".new").write_text(f"{cell.state} {cell.fault}")
    path.with_suffix(".new").rename(path)


def _await_hit(on: Stage, victim: Member, cell: Cell) -> None:
    hit = on.folder / f"hit-{victim.name}"
    deadline = time.monotonic() + REACH_S
    while not hit.exists() and time.monotonic() < deadline:
        if cell.state is State.REPLAY:
            _replay_some(on, victim.kind)
        time.sleep(0.1)
    (on.folder / f"armed-{victim.name}").unlink(missing_ok=True)
    if not hit.exists():
        on.missed.append(cell)
        return
    on.hits[cell] = on.hits.get(cell, 0) + 1
    _heal(on, victim, cell.fault)


def _heal(on: Stage, victim: Member, fault: Fault) -> None:
    if fault is Fault.STOP:
        struck = victim.process
        time.sleep(STOPPED_S)
        struck.send_signal(signal.SIGCONT)
        time.sleep(1)
    elif fault is Fault.BROKER:
        node = on.chance.randrange(on.kafka.nodes) + 1
        on.kafka.kill(node)
        on.kafka.start(node)
        (on.folder / "wants-broker").unlink(missing_ok=True)
        time.sleep(1)
    elif fault is Fault.SLOW:
        time.sleep(11)
    else:
        time.sleep(0.5)


def _operator(on: Stage, kind: str) -> Operator:
    """Return the operator of a group, made once: its transactions have a name of their own."""
    if kind not in on.operators:
        source, group = next(flow for flow in FLOWS if flow[1] == KINDS[kind])
        settings = KafkaSettings(bootstrap_servers=on.kafka.bootstrap_servers, call_timeout_s=20)
        clock = SystemClock()
        table = client_settings.table_consumer(settings, group=on.topology.group(group))
        on.operators[kind] = Operator(
            desk=Desk(
                group=on.topology.group(group),
                dlq=on.topology.dlq(source, group),
                retry=on.topology.retry(source, group),
                held=on.topology.held(source, group),
                audit=on.topology.audit,
            ),
            reader=Reader(
                CONFLUENT.consumer(table),
                lambda: CONFLUENT.admin(client_settings.connection(settings)),
            ),
            group_consumer=CONFLUENT.consumer(table),
            transactions=Transactions(
                clients=CONFLUENT,
                settings=client_settings.transactional_producer(
                    settings, transactional_id=f"operator-{kind}"
                ),
                clock=clock,
                call_timeout_s=20,
            ),
            codec=on.codec,
            clock=clock,
        )
    return on.operators[kind]


def _replay_some(on: Stage, kind: str, most: int = 3) -> int:
    """Send the letters of a few keys back; return how many letters are open."""
    operator = _operator(on, kind)
    act = Act(by="conductor", at=datetime.now(UTC))  # noqa: TID251
    try:
        letters = operator.look()
        for batch in by_key(letters.open())[:most]:
            with suppress(ReplayInProgress):
                operator.replay(letters, batch, act)
    except (NotReadInTime, NotCommitted):
        return 1  # a broker is down, or a transaction hangs: some may be open
    return len(letters.open())


def _come_to_rest(on: Stage, began: float) -> None:
    """Send all letters back until none is open, and wait until everything is committed."""
    deadline = time.monotonic() + REST_S
    on.evidence.is_quiet = False
    while time.monotonic() < deadline:
        waiting = sum(_replay_some(on, kind, most=100) for kind in ("stage", "sink"))
        commits = on.sampler.sample(time.monotonic() - began)
        on.evidence.commits += commits
        ends = on.sampler.ends()
        behind = [one for one in commits if one.progress.offset < ends[one.topic, one.partition]]
        # A source that goes on writing moves the ends; markers at an end are tidied up in time.
        if not waiting and all(_only_markers(on, one, ends) for one in behind):
            on.evidence.is_quiet = True
            return
        time.sleep(0.5)


def _only_markers(on: Stage, commit: object, ends: dict[tuple[str, int], int]) -> bool:
    assert hasattr(commit, "progress")
    gap = ends[commit.topic, commit.partition] - commit.progress.offset  # type: ignore[attr-defined]
    return gap <= 1


def _stop_sources(on: Stage) -> None:
    for name in [name for name in on.troupe.members if name.startswith("source")]:
        on.troupe.leave(on.troupe.members[name])


def _collect(on: Stage) -> None:
    journal = Journal(on.folder / "journal.sqlite")
    on.evidence.effects, on.evidence.failures = journal.effects(), journal.failures()
    on.evidence.ends = on.sampler.ends()
    for source, group in FLOWS:
        for name in (source, f"{source}.{group}.retry", f"{source}.{group}.dlq"):
            on.evidence.topics[name] = read_topic(on.kafka.bootstrap_servers, name)
    on.evidence.topics["crash.outcomes"] = read_topic(on.kafka.bootstrap_servers, "crash.outcomes")


def _wait(condition: Callable[[], bool], seconds: float, complaint: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(complaint)
        time.sleep(0.2)

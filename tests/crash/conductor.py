"""Runs the flow on a Kafka of its own, strikes its workers, and judges what is left."""

from __future__ import annotations

import math
import os
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from confluent_kafka.admin import AdminClient, NewTopic

from isthmus.kafka import topics
from isthmus.kafka.codec import Codec
from isthmus.kafka.codecs import codec_for
from isthmus.kafka.local import KafkaCluster, running_kafka
from isthmus.kafka.physical import physical_topics
from isthmus.kafka.topology import Topology
from isthmus.ops.settings import KafkaSettings, SchemaSettings
from tests.crash import gauges
from tests.crash.checker import Checker, metrics_true
from tests.crash.desk import Operators, Replayer
from tests.crash.evidence import (
    FLOWS,
    Evidence,
    Positions,
    read_commits,
    read_topic,
    write_out,
)
from tests.crash.grid import Cell, Fault
from tests.crash.journal import Journal
from tests.crash.load import Load
from tests.crash.strikes import Brokers, Strike, Tally, Track, schedule, side_by_side
from tests.crash.troupe import ENVIRONMENT, KINDS, SLOTS, Troupe
from tests.crash.worker import SOURCE_ACCOUNTS

HERE: Final = Path(__file__).parent
BEGIN_S: Final = 60.0
REST_S: Final = 150.0
LISTEN_S: Final = 30.0
MODE_EMBEDDED: Final = "embedded"


@dataclass
class Verdict:
    """How a run ended."""

    broken: dict[str, list[str]]
    hits: Counter[Cell]
    missed: list[Strike]
    restarts: int
    evidence: Evidence
    requests: tuple[int, int]
    seconds: float


@dataclass
class Stage:
    """Everything a run needs.

    :param keep: whether to keep the folder: logs, journal, and the logs of Kafka itself.
    """

    kafka: KafkaCluster
    topology: Topology
    codec: Codec
    folder: Path
    troupe: Troupe
    positions: Positions
    operators: Operators
    evidence: Evidence = field(default_factory=Evidence)
    keep: bool = False


@contextmanager
def stage(*, nodes: int, plant: str, mode: str) -> Iterator[Stage]:
    """Start Kafka, create the topics, start the workers; end them all."""
    folder = Path(tempfile.mkdtemp(prefix="isthmus-crash-"))
    on: Stage | None = None
    schemas = folder / "schemas"
    shutil.copytree(SchemaSettings().schemas_dir, schemas)
    shutil.copy(HERE / "topics.yaml", schemas / "topics.yaml")
    topology = topics.load(schemas / "topics.yaml")
    data = folder / "kafka" if mode == MODE_EMBEDDED else None
    with running_kafka(mode=mode, nodes=nodes, data=data) as kafka:
        bootstrap = kafka.bootstrap_servers
        codec = codec_for(
            topology, schemas_dir=schemas, kafka=KafkaSettings(bootstrap_servers=bootstrap)
        )
        create_topics(bootstrap, topology, replication=nodes)
        environment = {
            **os.environ,  # noqa: TID251
            **ENVIRONMENT,
            "ISTHMUS_KAFKA_BOOTSTRAP_SERVERS": bootstrap,
            "ISTHMUS_SCHEMAS_DIR": str(schemas),
            "PLANT": plant,
        }
        troupe = Troupe(folder, environment)
        positions = Positions(bootstrap, topology, codec)
        operators = Operators(
            [
                Replayer(bootstrap, topology, codec, source=source, group=group)
                for source, group in FLOWS
            ]
        )
        try:
            for kind in KINDS:
                for slot in range(SLOTS):
                    troupe.start(kind, slot)
            on = Stage(kafka, topology, codec, folder, troupe, positions, operators)
            yield on
        finally:
            troupe.end()
            positions.close()
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
    mode: str = MODE_EMBEDDED,
    tell: Callable[[str], None] = print,
) -> Verdict:
    """Strike so many times, let all come to rest, and judge.

    Brokers are killed only where that can be done.
    """
    began = time.monotonic()
    with stage(nodes=nodes, plant=plant, mode=mode) as on:
        load = Load(on.kafka.bootstrap_servers, on.topology, on.codec, seed)
        tally = Tally(faults, tell)
        try:
            _await_the_workers(on)
            chance = random.Random(seed)
            kinds = set(Fault) - (set() if on.kafka.can_be_killed else {Fault.BROKER})
            strikes = schedule(chance, faults, kinds=kinds)
            side_by_side(_tracks(on, tally, seed), strikes)
        finally:
            load.end()
        on.evidence.sent = load.sent
        on.evidence.is_quiet = _sources_go_on(on)
        _stop_sources(on)
        on.evidence.is_quiet &= _come_to_rest(on)
        on.operators.end()
        _collect(on)
        checker = Checker(on.evidence, decode=on.codec.decode)
        _listen(on, checker)
        journal = Journal(on.folder / "journal.sqlite")
        broken = checker.broken()
        if broken:
            on.keep = True
            write_out(on.folder / "evidence.tsv", on.evidence)
            tell(f"logs and evidence are kept in {on.folder}")
        return Verdict(
            broken=broken,
            hits=tally.hits,
            missed=tally.missed,
            restarts=on.troupe.restarts,
            evidence=on.evidence,
            requests=journal.requests(),
            seconds=time.monotonic() - began,
        )


def _tracks(on: Stage, tally: Tally, seed: int) -> dict[str, Track]:
    brokers = Brokers(on.kafka)
    return {
        kind: Track(
            kind,
            folder=on.folder,
            troupe=on.troupe,
            brokers=brokers,
            tally=tally,
            chance=random.Random(f"{seed}-{kind}"),
        )
        for kind in KINDS
    }


def _await_the_workers(on: Stage) -> None:
    places = sum(2 * on.topology.topic(source).partitions for source, _ in FLOWS)
    deadline = time.monotonic() + BEGIN_S
    while len(on.positions.committed()) < places:
        if time.monotonic() > deadline:
            raise RuntimeError(f"the workers did not begin; their logs are in {on.folder}")
        time.sleep(0.2)


def _come_to_rest(on: Stage) -> bool:
    """Wait until everything is committed, and no letter was open after that."""
    deadline = time.monotonic() + REST_S
    done_at = math.inf
    while time.monotonic() < deadline:
        committed, ends = on.positions.committed(), on.positions.ends()
        # At an end may stand a marker of a transaction that moved nothing.
        if all(ends[place] - committed.get(place, 0) <= 1 for place in ends):
            done_at = min(done_at, time.monotonic())
            if on.operators.found_nothing_since(done_at):
                return True
        else:
            done_at = math.inf
        time.sleep(0.2)
    return False


def _sources_go_on(on: Stage) -> bool:
    """Wait until each account is read on, whoever owns it now."""
    checkpoints = on.topology.checkpoints(KINDS["source"])

    def read_to() -> dict[bytes, int]:
        raws = read_topic(on.kafka.bootstrap_servers, checkpoints)
        return {raw.key: raw.offset for raw in raws}

    first, deadline = read_to(), time.monotonic() + REST_S
    while time.monotonic() < deadline:
        now = read_to()
        if len(now) == len(SOURCE_ACCOUNTS) and all(now[key] > first.get(key, -1) for key in now):
            return True
        time.sleep(1)
    return False


def _stop_sources(on: Stage) -> None:
    for member in [one for one in on.troupe.members.values() if one.kind == "source"]:
        on.troupe.leave(member)


def _listen(on: Stage, checker: Checker) -> None:
    """Hear what the workers say, until it is the truth or the time for it is over.

    They look at the ends of their topics every few seconds only.
    """
    deadline = time.monotonic() + LISTEN_S
    while time.monotonic() < deadline:
        workers = [one.name for one in on.troupe.members.values()]
        on.evidence.gauges = gauges.scrape(on.folder, workers)
        if not any(metrics_true(checker)):
            return
        time.sleep(1)


def _collect(on: Stage) -> None:
    bootstrap = on.kafka.bootstrap_servers
    journal = Journal(on.folder / "journal.sqlite")
    on.evidence.effects, on.evidence.failures = journal.effects(), journal.failures()
    on.evidence.commits = read_commits(bootstrap, on.topology)
    for source, group in FLOWS:
        of_group = [f"{source}.{group}.{kind}" for kind in ("retry", "dlq", "held")]
        for name in (source, *of_group):
            on.evidence.topics[name] = read_topic(bootstrap, name)
    on.evidence.topics["crash.outcomes"] = read_topic(bootstrap, "crash.outcomes")

"""A stage and a sink on a real Kafka, turned by the test, and what they serve over HTTP."""

from __future__ import annotations

import shutil
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
from confluent_kafka import Producer, TopicPartition
from prometheus_client.parser import text_string_to_metric_families

from isthmus.core.errors import Rejected, Retryable
from isthmus.core.records import Attempt, Output, Record, Tables
from isthmus.kafka import client_settings, loops, topics
from isthmus.kafka.letterbox import Act
from isthmus.kafka.process import Process
from isthmus.kafka.provisioning import provisioner
from isthmus.kafka.replay import Desk, Operator
from isthmus.kafka.worker import Worker
from isthmus.messages.netsuite import Item
from isthmus.ops.health import HealthServer
from isthmus.ops.settings import (
    KafkaSettings,
    LimitSettings,
    OpsSettings,
    SchemaSettings,
    WorkerSettings,
)
from isthmus.testing.builders import a_netsuite_item

HERE: Final = Path(__file__).parent
STAGE: Final = "watched-stage"
SINK: Final = "watched-sink"
FACTS: Final = "watched.facts"
COMMANDS: Final = "watched.commands"
WAIT_S: Final = 120.0

Labels = Mapping[str, str]
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


class Behavior:
    """Does to a record what its SKU says: ok, flaky (fails once), later, no."""

    def __init__(self) -> None:
        self._failed: set[str] = set()

    def transform(self, record: Record[msgspec.Struct], tables: Tables) -> Iterable[Output]:
        """Be a stage."""
        assert isinstance(record.value, Item)
        self._act(record.value.sku, record.effect_id)
        return [Output(COMMANDS, record.key, record.value)]

    def handle(self, record: Record[msgspec.Struct], attempt: Attempt) -> Iterable[Output]:
        """Be a sink."""
        assert isinstance(record.value, Item)
        self._act(record.value.sku.removeprefix("sink-"), record.effect_id)
        return []

    def _act(self, word: str, effect_id: str) -> None:
        if word == "flaky" and effect_id not in self._failed:
            self._failed.add(effect_id)
            raise Retryable("not yet", reason_class="not-yet")
        if word == "later":
            raise Retryable("in an hour", reason_class="much-later", after_s=3600)
        if word == "no":
            raise Rejected("never", reason_class="never")


@dataclass(frozen=True)
class World:
    """Topics of its own on the session's Kafka."""

    kafka: KafkaSettings
    schemas_dir: Path
    prefix: str

    @classmethod
    def made(cls, kafka: KafkaSettings, *, folder: Path, prefix: str) -> World:
        """Create the topics."""
        schemas_dir = folder / "schemas"
        shutil.copytree(SchemaSettings().schemas_dir, schemas_dir)
        shutil.copy(HERE / "topics.yaml", schemas_dir / "topics.yaml")
        topology = topics.load(schemas_dir / "topics.yaml").renamed(prefix)
        with provisioner(kafka) as tool:
            tool.apply(topology)
        return cls(kafka, schemas_dir, prefix)

    def process(self, service: str, *, otlp_endpoint: str = "") -> Process:
        """Make a process of a workload."""
        return Process.of(
            WorkerSettings(
                service=service,
                slot=0,
                topic_prefix=self.prefix,
                kafka=self.kafka,
                limits=LimitSettings(),
                ops=OpsSettings(otlp_endpoint=otlp_endpoint),
                schemas=SchemaSettings(schemas_dir=self.schemas_dir),
            )
        )

    def put(
        self, *records: tuple[str, str | bytes], headers: Sequence[tuple[str, str]] = ()
    ) -> None:
        """Write facts of the given keys: a word for the behavior, or bytes as they are."""
        producer = Producer(client_settings.connection(self.kafka))
        codec = self.process(STAGE).codec
        for key, value in records:
            raw = value
            if isinstance(raw, str):
                raw = codec.encode(FACTS, a_netsuite_item(raw))
            producer.produce(
                f"{self.prefix}{FACTS}", raw, f"acme/{key}".encode(), headers=list(headers)
            )
        assert producer.flush(WAIT_S) == 0

    def places(self, topic: str) -> list[TopicPartition]:
        """Return the partitions of a topic."""
        return [TopicPartition(f"{self.prefix}{topic}", number) for number in (0, 1)]

    def operator(self) -> Operator:
        """Open the desk of the stage's dead letters."""
        process = self.process(STAGE)
        return Operator(
            desk=Desk.of(process.topology, FACTS, STAGE),
            reader=process.reader(),
            transactions=process.transactions(f"{self.prefix}desk"),
            codec=process.codec,
            clock=process.clock,
        )

    def discard(self, reason: str) -> int:
        """Give up the open letters of a reason."""
        operator = self.operator()
        letters = operator.look()
        chosen = [one for one in letters.open() if one.reason_class == reason]
        act = Act(by="test", at=operator.clock.now())
        return operator.discard(letters, chosen, act, why="test")


class Running:
    """A worker that the test turns, and its HTTP server."""

    def __init__(self, process: Process, worker: Worker, server: HealthServer) -> None:
        self.process = process
        self.worker = worker
        self._server = server

    def until(self, is_so: Callable[[], bool]) -> None:
        """Turn the loop until something is so."""
        deadline = time.monotonic() + WAIT_S
        while not is_so():
            assert time.monotonic() < deadline, self.text()
            for _ in range(10):
                self.worker.step()

    def shows(self, name: str, value: float, **labels: str) -> None:
        """Turn the loop until a metric has a value."""
        self.until(lambda: self.value(name, **labels) == value)

    def value(self, name: str, **labels: str) -> float | None:
        """Return the sum of the samples with these labels; none where there is none."""
        wanted = set(labels.items())
        found = [
            one for (known, has), one in self.samples().items() if known == name and wanted <= has
        ]
        return sum(found) if found else None

    def samples(self) -> Samples:
        """Return what Prometheus would read."""
        return {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(self.text())
            for sample in family.samples
        }

    def text(self) -> str:
        """Ask for the metrics over HTTP."""
        address = f"http://127.0.0.1:{self._server.port}/metrics"
        with urllib.request.urlopen(address, timeout=WAIT_S) as answer:
            body: bytes = answer.read()
        return body.decode()

    def end(self) -> None:
        """Drain and leave."""
        self.worker.drain(until=time.monotonic() + 5)


@contextmanager
def running(process: Process, *, behavior: Behavior | None = None) -> Iterator[Running]:
    """Run the stage or the sink, as the process's service says."""
    behaves = behavior or Behavior()
    if process.settings.service == STAGE:
        worker = loops.stage(process, behaves.transform)
    else:
        worker = loops.sink(process, behaves.handle)
    server = HealthServer(
        port=0,
        metrics=process.metrics,
        heartbeat=process.heartbeat,
        alive_within_s=WAIT_S,
        unready=list,
    )
    server.start()
    try:
        worker.start()
        one = Running(process, worker, server)
        yield one
        one.end()
    finally:
        server.stop()

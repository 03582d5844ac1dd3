"""What every service of a process shares, and how it makes clients of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from typing import Final

from isthmus.kafka import client_settings, real_clients, topics
from isthmus.kafka.clients import Clients
from isthmus.kafka.codec import Codec
from isthmus.kafka.codecs import codec_for
from isthmus.kafka.gauges import Gauges
from isthmus.kafka.item import Item
from isthmus.kafka.letters import Write
from isthmus.kafka.log_ends import LogEnds
from isthmus.kafka.observer import Observer
from isthmus.kafka.open_letters import OpenLetters
from isthmus.kafka.promise import Promise
from isthmus.kafka.reader import Reader
from isthmus.kafka.stopwatch import timed
from isthmus.kafka.topology import Topology
from isthmus.kafka.traced import traced
from isthmus.kafka.transactions import Told, Transactions, nobody
from isthmus.ops.clock import Clock, SystemClock
from isthmus.ops.health import Heartbeat
from isthmus.ops.metrics import Metrics
from isthmus.ops.settings import WorkerSettings
from isthmus.ops.tracing import NoTracing, Tracing, tracing_to

LETTERS_QUEUE_BYTES: Final = 1024 * 1024

Work = Callable[[Item], list[Write]]


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

"""A mapper as it runs in production, on topics of its own in a real Kafka."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
import yaml
from confluent_kafka import Producer

from isthmus.kafka import client_settings, headers, topics, whole
from isthmus.kafka.clients import Message
from isthmus.kafka.codec import Codec
from isthmus.kafka.codecs import codec_for
from isthmus.kafka.local import KafkaCluster
from isthmus.kafka.provisioning import provisioner
from isthmus.kafka.reader import Reader
from isthmus.kafka.real_clients import CONFLUENT
from isthmus.kafka.topology import Topology
from isthmus.messages.amazon import Order
from isthmus.messages.netsuite import FeedState, Item
from isthmus.ops.clock import SystemClock
from isthmus.ops.settings import KafkaSettings
from isthmus.testing.builders import PURCHASED, US, a_netsuite_item
from tests.unit.mapper.parts import FILE, MARKETPLACE

SCHEMAS: Final = Path(__file__).parents[3] / "schemas"
MAPPER: Final = Path(sys.executable).parent / "mapper"
ACCOUNTS: Final = ("acme-us", "acme-eu")
# Everything is bound by conditions; this much is patience with a machine that does other things.
PATIENCE_S: Final = 60.0
STOP_S: Final = 20.0


@dataclass(frozen=True)
class Letter:
    """A dead letter, as an operator's eyes see it."""

    key: str
    reason: str
    message: str


@dataclass(frozen=True)
class World:
    """Topics with what was written to them, and what has come of it."""

    kafka: KafkaSettings
    topology: Topology
    codec: Codec
    producer: Producer

    def order(self, order: Order) -> None:
        """Write a fact about an order."""
        self._write("amazon.orders", f"{order.account}/{order.order_id}", order)

    def item(self, sku: str, *, account: str = "acme-us") -> None:
        """Write that NetSuite has an item."""
        item = a_netsuite_item(sku, account=account)
        self._write("netsuite.items", f"{account}/{item.internal_id}", item)

    def all_items_read(self, *, account: str = "acme-us") -> None:
        """Write that all items of an account were read."""
        state = FeedState(account=account, feed="items", whole_at=PURCHASED)
        self._write("netsuite.feeds", f"{account}/items", state)

    def records(self, topic: str) -> list[tuple[str, msgspec.Struct]]:
        """Return all records of a topic of the list: key and value."""
        return [
            ((one.key() or b"").decode(), self.codec.decode(one.topic() or "", one.value()))
            for one in self.messages(self.topology.name(topic))
        ]

    def commands(self, order: Order) -> list[msgspec.Struct]:
        """Return the commands of an order."""
        key = f"{order.account}/{order.order_id}"
        return [value for of, value in self.records("netsuite.order-commands") if of == key]

    def letters(self, order: Order) -> list[Letter]:
        """Return the dead letters of an order."""
        found = []
        for one in self.messages(self.topology.dlq("amazon.orders", "mapper")):
            values = headers.last_values(one.headers())
            reason = headers.text(values, headers.REASON_CLASS) or ""
            said = headers.text(values, headers.MESSAGE) or ""
            found.append(Letter((one.key() or b"").decode(), reason, said))
        return [one for one in found if one.key == f"{order.account}/{order.order_id}"]

    def messages(self, topic: str) -> Sequence[Message]:
        """Return all messages of a topic of Kafka."""
        connection = client_settings.connection(self.kafka)
        consumer = CONFLUENT.consumer(client_settings.table_consumer(self.kafka, group="look"))
        with closing(consumer):
            reader = Reader(consumer, lambda: CONFLUENT.admin(connection))
            known = reader.admin.list_topics(topic, PATIENCE_S).topics[topic].partitions
            places = whole.from_beginning(topic, known)
            return whole.read_whole(reader, places, clock=SystemClock(), bound_s=PATIENCE_S)

    def _write(self, topic: str, key: str, value: Order | Item | FeedState) -> None:
        name = self.topology.name(topic)
        self.producer.produce(name, key=key.encode(), value=self.codec.encode(name, value))
        assert self.producer.flush(PATIENCE_S) == 0


def eventually(is_so: Callable[[], object], *, within_s: float = PATIENCE_S) -> None:
    """Wait until something is so, within a generous bound."""
    until = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < until, "it did not come to be"
        time.sleep(0.2)


@contextmanager
def running_mapper(cluster: KafkaCluster, *, prefix: str, folder: Path) -> Iterator[World]:
    """Make topics and run a mapper on them during the block."""
    kafka = KafkaSettings(bootstrap_servers=cluster.bootstrap_servers)
    topology = topics.load(SCHEMAS / "topics.yaml").renamed(prefix).replicated(1)
    with provisioner(kafka) as tool:
        tool.apply(topology)
    connection = {**client_settings.connection(kafka), "partitioner": "murmur2_random"}
    world = World(
        kafka=kafka,
        topology=topology,
        codec=codec_for(topology, schemas_dir=SCHEMAS, kafka=kafka),
        producer=Producer(connection),
    )
    with _process(_environment(cluster, prefix, folder), folder):
        yield world


def _environment(cluster: KafkaCluster, prefix: str, folder: Path) -> Mapping[str, str]:
    mappings = folder / "mappings"
    mappings.mkdir()
    for account in ACCOUNTS:
        text = yaml.safe_dump({**FILE, "marketplaces": {US: MARKETPLACE}})
        (mappings / f"{account}.yaml").write_text(text)
    return {
        "ISTHMUS_KAFKA_BOOTSTRAP_SERVERS": cluster.bootstrap_servers,
        "ISTHMUS_TOPIC_PREFIX": prefix,
        "ISTHMUS_MAPPING_DIR": str(mappings),
        "ISTHMUS_SCHEMAS_DIR": str(SCHEMAS),
        "ISTHMUS_SLOT": "0",
        "ISTHMUS_HTTP_PORT": "0",
        "ISTHMUS_CLOCK_FACTOR": "30",
    }


@contextmanager
def _process(environment: Mapping[str, str], folder: Path) -> Iterator[None]:
    with (folder / "mapper.log").open("wb") as log:
        process = subprocess.Popen([MAPPER], env=environment, stdout=log, stderr=log)
        try:
            yield
            assert process.poll() is None, (folder / "mapper.log").read_text()[-2000:]
        finally:
            process.terminate()
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

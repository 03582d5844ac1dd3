"""Where contestants run: one Kafka for all, and topics of its own for each run."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from benchmarks.loads import ORDERS, Pair
from isthmus.kafka import topics
from isthmus.kafka.codec import Codec
from isthmus.kafka.codecs import codec_for
from isthmus.kafka.local import running_kafka
from isthmus.kafka.physical import physical_topics
from isthmus.kafka.topology import Topology
from isthmus.ops.settings import KafkaSettings, LocalKafkaSettings, SchemaSettings, load

ROOT: Final = Path(__file__).parent.parent
OUT: Final = ("bench.shipped", "bench.outcomes", "bench.facts")
PATIENCE_S: Final = 300.0
LOOK_EVERY_S: Final = 0.2
WRITTEN_S: Final = 10.0
END_WITHIN_S: Final = 30
ASK_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Program:
    """A contestant.

    :param command: what is run, in the root of the project.
    :param service: the name of its consumer group, behind the prefix of the run.
    """

    command: tuple[str, ...]
    service: str
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ground:
    """One Kafka, and the schemas and topics of the benchmarks."""

    bootstrap: str
    schemas: Path
    codec: Codec

    @contextmanager
    def track(self) -> Iterator[Track]:
        """Make the topics of one run; what runs there is ended, and the topics go."""
        topology = topics.load(self.schemas / "topics.yaml")
        run = Track(self, topology.renamed(f"bench-{secrets.token_hex(3)}-"))
        names = run.create_topics()
        try:
            yield run
        finally:
            run.end()
            for one in run.admin.delete_topics(names).values():
                one.result()


@contextmanager
def ground() -> Iterator[Ground]:
    """Start a Kafka for as long as the context lasts."""
    folder = Path(tempfile.mkdtemp(prefix="isthmus-bench-"))
    schemas = folder / "schemas"
    shutil.copytree(SchemaSettings().schemas_dir, schemas)
    shutil.copy(Path(__file__).with_name("topics.yaml"), schemas)
    try:
        with running_kafka(mode=load(LocalKafkaSettings).mode) as kafka:
            settings = KafkaSettings(bootstrap_servers=kafka.bootstrap_servers)
            topology = topics.load(schemas / "topics.yaml")
            codec = codec_for(topology, schemas_dir=schemas, kafka=settings)
            yield Ground(kafka.bootstrap_servers, schemas, codec)
    finally:
        shutil.rmtree(folder)


class Track:
    """The topics of one run and the processes that work on them."""

    def __init__(self, on: Ground, topology: Topology) -> None:
        self.on = on
        self.topology = topology
        self.admin = AdminClient({"bootstrap.servers": on.bootstrap})
        self.processes: list[subprocess.Popen[bytes]] = []
        self._log = on.schemas.parent / f"{topology.prefix}log"

    def create_topics(self) -> list[str]:
        """Create the topics; those that come out are stamped by the broker's clock."""
        stamped = {self.topology.name(name) for name in OUT}
        wanted = [
            NewTopic(
                one.name,
                num_partitions=one.partitions,
                config={**one.config, **_stamp(one.name in stamped)},
            )
            for one in physical_topics(self.topology)
        ]
        for future in self.admin.create_topics(wanted).values():
            future.result()
        names = [one.topic for one in wanted]
        # A broker tells of new topics a moment after their creation is confirmed.
        self.until(lambda: set(names) <= set(self.admin.list_topics(timeout=ASK_S).topics))
        return names

    def load(self, pairs: Iterable[Pair]) -> int:
        """Put records in; return how many."""
        producer = Producer(
            {
                "bootstrap.servers": self.on.bootstrap,
                "enable.idempotence": True,
                "linger.ms": 20,
                "compression.type": "lz4",
                "partitioner": "murmur2_random",
                "log_level": 0,
            }
        )
        topic, count = self.topology.name(ORDERS), 0
        for count, (key, value) in enumerate(pairs, 1):  # noqa: B007
            while True:
                try:
                    producer.produce(topic, key=key, value=value)
                    break
                except BufferError:
                    producer.poll(0.1)
        if producer.flush(PATIENCE_S):
            raise RuntimeError("the load was not acknowledged")
        return count

    def launch(self, program: Program, *, slot: int = 0) -> subprocess.Popen[bytes]:
        """Start a contestant."""
        with self._log.open("ab") as output:
            process = subprocess.Popen(
                program.command,
                cwd=ROOT,
                env={**os.environ, **self._environment(program, slot)},  # noqa: TID251
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.processes.append(process)
        return process

    def until_read(self, program: Program) -> None:
        """Wait until the contestant has committed the last record of the load.

        :raises RuntimeError: it ended, or takes too long.
        """
        with closing_consumer(self.on.bootstrap, group=self.group(program)) as consumer:
            ends = _ends(consumer, self.partitions(ORDERS))

            def is_read() -> bool:
                with contextlib.suppress(KafkaException):  # a coordinator that is just moving in
                    places = consumer.committed(list(ends), timeout=10)
                    return all(one.offset >= ends[one] for one in places)
                return False

            self.until(is_read)

    def until_written(self, topic: str, count: int) -> None:
        """Give outputs a moment to appear: not everybody writes before it commits its reading."""
        deadline = time.monotonic() + WRITTEN_S
        with closing_consumer(self.on.bootstrap) as consumer:
            while time.monotonic() < deadline:
                if sum(_ends(consumer, self.partitions(topic)).values()) >= count:
                    return
                time.sleep(LOOK_EVERY_S)

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait for a condition while all processes live.

        :raises RuntimeError: one of them ended, or it takes too long.
        """
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            self.refuse_dead()
            if time.monotonic() > deadline:
                raise RuntimeError(f"not done in {PATIENCE_S:g} s:\n{self._last_words()}")
            time.sleep(LOOK_EVERY_S)

    def refuse_dead(self) -> None:
        """Check that all contestants live.

        :raises RuntimeError: one of them ended.
        """
        for process in self.processes:
            if process.poll() is not None:
                raise RuntimeError(
                    f"{process.args!r} ended by itself, exit code {process.returncode}:\n"
                    + self._last_words()
                )

    def arrivals(self, topic: str) -> list[tuple[bytes, int]]:
        """Return the keys of the committed records of a topic, and when each was written."""
        with closing_consumer(self.on.bootstrap) as consumer:
            ends = _ends(consumer, self.partitions(topic))
            open_ends = {one: end for one, end in ends.items() if end > 0}
            consumer.assign([TopicPartition(one.topic, one.partition, 0) for one in open_ends])
            found: list[tuple[bytes, int]] = []
            while not _is_at(consumer, open_ends):
                for message in consumer.consume(1000, 0.2):
                    if message.error() is None:
                        found.append((message.key() or b"", message.timestamp()[1]))
            return found

    def partitions(self, topic: str) -> list[TopicPartition]:
        """Return the partitions of a topic of the list."""
        count = self.topology.topic(topic).partitions
        return [TopicPartition(self.topology.name(topic), number) for number in range(count)]

    def group(self, program: Program) -> str:
        """Return the consumer group of a contestant."""
        return self.topology.group(program.service)

    def owners(self, program: Program) -> dict[str, set[int]]:
        """Return which member of a contestant's group has which partitions of the load."""
        topic, group = self.topology.name(ORDERS), self.group(program)
        asked = self.admin.describe_consumer_groups([group], request_timeout=ASK_S)
        try:
            described = asked[group].result()
        except KafkaException:  # nobody coordinates the group yet
            return {}
        owned = {
            member.group_instance_id: {
                one.partition for one in member.assignment.topic_partitions if one.topic == topic
            }
            for member in described.members
            if member.assignment is not None
        }
        return {member: partitions for member, partitions in owned.items() if partitions}

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """End a contestant without a word."""
        process.kill()
        process.wait()
        self.processes.remove(process)

    def end(self) -> None:
        """End all processes of this run."""
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(END_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()

    def _environment(self, program: Program, slot: int) -> dict[str, str]:
        ours = {
            "ISTHMUS_SERVICE": program.service,
            "ISTHMUS_SLOT": str(slot),
            "ISTHMUS_TOPIC_PREFIX": self.topology.prefix,
            "ISTHMUS_HTTP_PORT": "0",
            "ISTHMUS_SCHEMAS_DIR": str(self.on.schemas),
            "ISTHMUS_KAFKA_BOOTSTRAP_SERVERS": self.on.bootstrap,
        }
        theirs = {
            "BENCH_BOOTSTRAP": self.on.bootstrap,
            "BENCH_PREFIX": self.topology.prefix,
            "BENCH_GROUP": self.group(program),
            "BENCH_SCHEMAS": str(self.on.schemas / "avro"),
        }
        return {**ours, **theirs, **program.settings}

    def _last_words(self) -> str:
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-30:])


@contextmanager
def closing_consumer(bootstrap: str, *, group: str = "bench-looks-on") -> Iterator[Consumer]:
    """Give a consumer that sees what is committed, and joins no group."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": group,
            "isolation.level": "read_committed",
            "enable.auto.commit": False,
            "auto.offset.reset": "error",
            "fetch.wait.max.ms": 5,
            "log_level": 0,
        }
    )
    with contextlib.closing(consumer):
        yield consumer


def _stamp(is_stamped: bool) -> dict[str, Any]:
    return {"message.timestamp.type": "LogAppendTime"} if is_stamped else {}


def _ends(consumer: Consumer, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
    return {one: consumer.get_watermark_offsets(one, timeout=10)[1] for one in partitions}


def _is_at(consumer: Consumer, ends: Mapping[TopicPartition, int]) -> bool:
    """Tell whether a consumer has passed the ends, which may lie behind markers without record."""
    return all(one.offset >= ends[one] for one in consumer.position(list(ends)))

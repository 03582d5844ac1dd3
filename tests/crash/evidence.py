"""What is left when all is over: the raw topics, the commits, and the journal of the outside."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Message, TopicPartition
from confluent_kafka.admin import AdminClient

from isthmus.kafka import headers as names
from isthmus.kafka.codec import Codec
from isthmus.kafka.topology import Topology
from isthmus.messages.control import Position
from tests.crash import commits
from tests.crash.commits import Commit
from tests.crash.events import Event
from tests.crash.gauges import Gauges
from tests.crash.journal import Effect

READ_MAX = 1000
FLOWS = (("crash.facts", "crash-stage"), ("crash.commands", "crash-sink"))


@dataclass(frozen=True)
class Raw:
    """A record as it lies in a topic."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes
    value: bytes | None
    headers: dict[str, bytes]

    @property
    def place(self) -> tuple[str, int, int]:
        return self.topic, self.partition, self.offset

    @property
    def origin(self) -> tuple[str, int, int]:
        """Return where the record says that it stood first."""
        topic = names.text(self.headers, names.ORIGIN_TOPIC)
        partition = names.number(self.headers, names.ORIGIN_PARTITION)
        offset = names.number(self.headers, names.ORIGIN_OFFSET)
        return topic or "", -1 if partition is None else partition, -1 if offset is None else offset


@dataclass
class Evidence:
    """All that the checker looks at. Nothing here was said by a worker.

    :param sent: the events that the suite put in and Kafka acknowledged.
    :param topics: raw records by logical topic, read committed, per partition in order.
    :param gauges: what the workers said at rest.
    :param commits: every one of them, from the log of the coordinator, in its order.
    """

    sent: list[Event] = field(default_factory=list)
    topics: dict[str, list[Raw]] = field(default_factory=dict)
    effects: list[Effect] = field(default_factory=list)
    failures: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    commits: list[Commit] = field(default_factory=list)
    span_max: int = 20_000
    gauges: Gauges = field(default_factory=Counter)
    is_quiet: bool = False


def read_topic(bootstrap: str, topic: str) -> list[Raw]:
    """Read all committed records of a topic."""
    admin = AdminClient({"bootstrap.servers": bootstrap})
    partitions = admin.list_topics(topic, timeout=10).topics[topic].partitions
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "evidence",
            "isolation.level": "read_committed",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "log_level": 0,
        }
    )
    consumer.assign([TopicPartition(topic, one, 0) for one in partitions])
    waiting, found = set(partitions), []
    while waiting:
        for message in consumer.consume(5000, 1.0):
            error = message.error()
            if error is None:
                found.append(
                    Raw(
                        topic=topic,
                        partition=message.partition() or 0,
                        offset=message.offset() or 0,
                        timestamp_ms=message.timestamp()[1],
                        key=message.key() or b"",
                        value=message.value(),
                        headers=names.last_values(message.headers()),
                    )
                )
            elif error.code() == KafkaError._PARTITION_EOF:
                waiting.discard(message.partition() or 0)
    consumer.close()
    return sorted(found, key=lambda raw: raw.place)


def read_commits(bootstrap: str, topology: Topology) -> list[Commit]:
    """Read all commits of both groups to the topics that they work on."""
    ours = {
        (topology.group(group), name)
        for source, group in FLOWS
        for name in (topology.name(source), topology.retry(source, group))
    }
    raws = read_topic(bootstrap, commits.LOG)
    found = commits.commits_in((raw.key, raw.value) for raw in raws)
    return [commit for commit in found if (commit.group, commit.topic) in ours]


class Positions:
    """Where both groups stand, as their lanes wrote down: to see whether they came to rest."""

    def __init__(self, bootstrap: str, topology: Topology, codec: Codec) -> None:
        self._topology = topology
        self._codec = codec
        self._found: dict[tuple[str, int], int] = {}
        self._consumer = Consumer(
            {
                "bootstrap.servers": bootstrap,
                "group.id": "positions",
                "enable.auto.commit": False,
                "isolation.level": "read_committed",
                "log_level": 0,
            }
        )
        self._flows = {
            topology.positions(source, group): (
                topology.name(source),
                topology.retry(source, group),
            )
            for source, group in FLOWS
        }
        self._consumer.assign(
            [
                TopicPartition(topology.positions(source, group), one, OFFSET_BEGINNING)
                for source, group in FLOWS
                for one in range(topology.topic(source).partitions)
            ]
        )

    def committed(self) -> dict[tuple[str, int], int]:
        """Read on; return the positions in source and retry topics that are known."""
        while True:
            messages = self._consumer.consume(READ_MAX, 0.5)
            for message in messages:
                if message.error() is None:
                    self._take(message)
            # Whoever waits for silence waits for as long as anybody works.
            if len(messages) < READ_MAX:
                return dict(self._found)

    def _take(self, message: Message) -> None:
        topic, partition = message.topic() or "", message.partition() or 0
        position = self._codec.decode(topic, message.value() or b"")
        assert isinstance(position, Position)
        source, retry = self._flows[topic]
        self._found[source, partition] = position.source_offset
        self._found[retry, partition] = position.retry_offset

    def ends(self) -> dict[tuple[str, int], int]:
        """Read the ends of all partitions that the groups work on."""
        found = {}
        for source, group in FLOWS:
            for name in (self._topology.name(source), self._topology.retry(source, group)):
                for one in range(self._topology.topic(source).partitions):
                    _, high = self._consumer.get_watermark_offsets(
                        TopicPartition(name, one), 10
                    ) or (0, 0)
                    found[name, one] = high
        return found

    def close(self) -> None:
        """Read no more."""
        self._consumer.close()


def write_out(path: Path, evidence: Evidence) -> None:
    """Write the records and effects down, one a line, for a person who looks for the cause."""
    with path.open("w") as file:
        for name, raws in evidence.topics.items():
            for raw in raws:
                headers = {key: value.decode() for key, value in raw.headers.items()}
                value = (raw.value or b"")[-40:]
                file.write(
                    f"{name}\t{raw.partition}\t{raw.offset}\t{raw.timestamp_ms}\t{raw.key!r}\t{value!r}\t{headers}\n"
                )
        for effect in evidence.effects:
            file.write(f"effect\t{effect.place}\t{effect.name}\n")

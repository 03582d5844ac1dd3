"""Reads the raw topics with a consumer of its own, and gathers what they say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaError, TopicPartition
from confluent_kafka.admin import AdminClient

from isthmus.cli.demo.evidence import Command, Fact, Letter, Outcome
from isthmus.kafka import client_settings, headers, real_clients
from isthmus.kafka.clients import Message
from isthmus.kafka.codec import Codec
from isthmus.kafka.physical import PhysicalTopic, Role, physical_topics
from isthmus.kafka.topology import Topology
from isthmus.messages.amazon import Order
from isthmus.messages.control import Audit
from isthmus.messages.netsuite import Item, OrderCommand
from isthmus.messages.netsuite import Outcome as Told
from isthmus.ops.kafka_settings import KafkaSettings

BATCH: Final = 2000
POLL_S: Final = 0.1
TIMEOUT_S: Final = 10.0
SETTLING: Final = frozenset({"replay", "discard"})
ROLES: Final = frozenset({Role.LISTED, Role.RETRY, Role.DLQ})

Place = tuple[str, int]


class Tail:
    """Everything that was read so far; it begins at the beginning of every topic."""

    def __init__(self, kafka: KafkaSettings, topology: Topology, codec: Codec) -> None:
        self.facts: list[Fact] = []
        self.commands: list[Command] = []
        self.outcomes: list[Outcome] = []
        self.items: set[tuple[str, str]] = set()
        self._letters: list[Letter] = []
        self._settled: set[str] = set()
        self._offsets: dict[Place, list[int]] = defaultdict(list)
        self._ended: set[Place] = set()
        self._codec = codec
        self._logical = topology.logical
        self._topics = {
            topic.name: topic
            for topic in physical_topics(topology)
            if topic.role in ROLES and topic.name != topology.order_keys
        }
        self._places = [
            TopicPartition(topic.name, partition, 0)
            for topic in self._topics.values()
            for partition in range(topic.partitions)
        ]
        # They outlive Kafka by a moment, and would tell of it.
        silent = {"log_level": 0}
        self._admin = AdminClient(client_settings.connection(kafka) | silent)
        self._consumer = real_clients.CONFLUENT.consumer(
            client_settings.table_consumer(kafka, group="isthmusctl-demo") | silent
        )
        self._consumer.assign(self._places)

    def close(self) -> None:
        """Close the consumer."""
        self._consumer.close()

    @property
    def letters(self) -> list[Letter]:
        """Return the dead letters; those settled that the audit names."""
        return [
            Letter(
                key=one.key, place=one.place, reason=one.reason, settled=one.place in self._settled
            )
            for one in self._letters
        ]

    def read(self) -> int:
        """Take what has come; return how many records that was."""
        number = 0
        for message in self._consumer.consume(BATCH, POLL_S):
            place = (message.topic() or "", message.partition() or 0)
            error = message.error()
            if error is None:
                self._ended.discard(place)
                self._take(message)
                number += 1
            elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - librdkafka's own code
                self._ended.add(place)
        return number

    @property
    def is_at_the_end(self) -> bool:
        """Tell whether every partition was read to its end."""
        return len(self._ended) == len(self._places)

    def unread(self) -> int:
        """Return how many records the consumer groups have not committed yet."""
        return sum(
            offset >= committed
            for group, topics in self._groups().items()
            for place, committed in self._committed(group, topics).items()
            for offset in self._offsets[place]
        )

    def _groups(self) -> Mapping[str, Sequence[PhysicalTopic]]:
        groups: dict[str, list[PhysicalTopic]] = defaultdict(list)
        for topic in self._topics.values():
            for group in topic.groups:
                groups[group].append(topic)
        return groups

    def _committed(self, group: str, topics: Sequence[PhysicalTopic]) -> dict[Place, int]:
        asked = ConsumerGroupTopicPartitions(
            group, [TopicPartition(one.name, n) for one in topics for n in range(one.partitions)]
        )
        (future,) = self._admin.list_consumer_group_offsets(
            [asked], request_timeout=TIMEOUT_S
        ).values()
        found = future.result().topic_partitions
        return {(one.topic, one.partition): max(0, one.offset) for one in found}

    def _take(self, message: Message) -> None:
        topic, partition = message.topic() or "", message.partition() or 0
        offset, key = message.offset() or 0, (message.key() or b"").decode()
        self._offsets[topic, partition].append(offset)
        place = f"{self._logical(topic)}/{partition}/{offset}"
        known = self._topics[topic]
        if known.role is Role.DLQ:
            values = headers.last_values(message.headers())
            reason = headers.text(values, headers.REASON_CLASS) or "?"
            self._letters.append(Letter(key=key, place=place, reason=reason, settled=False))
        elif known.role is Role.LISTED and message.value() is not None:
            self._note(message, place=place, key=key)

    def _note(self, message: Message, *, place: str, key: str) -> None:
        match self._codec.decode(message.topic() or "", message.value()):
            case Order() as order:
                self.facts.append(Fact(key=key, updated_at=order.updated_at))
            case OrderCommand() as command:
                of = command.lineage.fact_updated_at
                self.commands.append(Command(key=key, place=place, of=of))
            case Told() as told:
                written = datetime.fromtimestamp(message.timestamp()[1] / 1000, UTC)
                self.outcomes.append(
                    Outcome(key=key, command=self._logical(told.command), written=written)
                )
            case Item() as item:
                self.items.add((item.account, item.sku))
            case Audit() as audit if audit.action in SETTLING:
                self._settled.add(f"{self._logical(audit.topic)}/{audit.partition}/{audit.offset}")
            case _:
                pass  # what the core tells itself

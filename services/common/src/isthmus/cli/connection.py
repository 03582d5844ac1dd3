"""How the tools of an operator reach Kafka: the same settings as the services."""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from typing import Self

from pydantic import Field

from isthmus.kafka import client_settings, real_clients, topics
from isthmus.kafka.codec import Codec
from isthmus.kafka.codecs import codec_for
from isthmus.kafka.reader import Reader
from isthmus.kafka.topology import Topology
from isthmus.kafka.transactions import Transactions
from isthmus.ops.clock import Clock, SystemClock
from isthmus.ops.settings import KafkaSettings, SchemaSettings, Settings, load


class ToolSettings(Settings):
    """What a tool needs to know."""

    topic_prefix: str = Field(default="", description="put before every topic and group")
    kafka: KafkaSettings
    schemas: SchemaSettings


@dataclass(frozen=True, slots=True)
class Connection:
    """Kafka, as a tool sees it."""

    settings: ToolSettings
    topology: Topology
    codec: Codec
    clock: Clock

    @classmethod
    def open(cls) -> Self:
        """Read the settings and the list of topics.

        :raises ConfigurationError: something is missing or wrong.
        """
        settings = load(ToolSettings)
        topology = topics.load(settings.schemas.schemas_dir / "topics.yaml").renamed(
            settings.topic_prefix
        )
        codec = codec_for(topology, schemas_dir=settings.schemas.schemas_dir, kafka=settings.kafka)
        return cls(settings=settings, topology=topology, codec=codec, clock=SystemClock())

    def reader(self) -> Reader:
        """Open a reader of whole topics."""
        consumer = real_clients.CONFLUENT.consumer(
            client_settings.table_consumer(self.settings.kafka, group="isthmusctl")
        )
        connection = client_settings.connection(self.settings.kafka)
        return Reader(consumer, lambda: real_clients.CONFLUENT.admin(connection))

    def transactions(self, transactional_id: str) -> Transactions:
        """Make the transactions of a tool; two of one name fence each other."""
        return Transactions(
            clients=real_clients.CONFLUENT,
            settings=client_settings.transactional_producer(
                self.settings.kafka, transactional_id=transactional_id
            ),
            clock=self.clock,
            call_timeout_s=self.settings.kafka.call_timeout_s,
        )


def user() -> str:
    """Return who acts, for the audit."""
    return getpass.getuser()

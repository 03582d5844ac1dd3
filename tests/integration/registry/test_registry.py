"""The codec with a real schema registry: what it writes, what it survives, what is refused."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from confluent_kafka.schema_registry import Schema as Registered
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from pydantic import SecretStr

from isthmus.core.errors import Retryable
from isthmus.kafka import framing
from isthmus.kafka.codec import Codec, RegistryUnreachable, Undecodable
from isthmus.kafka.local import Registry
from isthmus.kafka.registry import ConfluentRegistry, IncompatibleSchema
from isthmus.kafka.schema_wait import ASK_EVERY_S, SchemaWait
from isthmus.kafka.schemas import Schema, Schemas, parse
from isthmus.kafka.undecodable import Cause
from isthmus.ops.clock import SystemClock
from isthmus.ops.settings import KafkaSettings
from isthmus.testing.builders import a_netsuite_item, an_order
from tests.unit.common.kafka.codecs import a_codec, project_schemas, project_topology

ITEM = "isthmus.netsuite.Item"


@pytest.fixture
def prefix(unique: str) -> str:
    return f"t{unique}-"


@pytest.fixture
def items(prefix: str) -> str:
    """Give the topic of items in Kafka."""
    return f"{prefix}netsuite.items"


@pytest.fixture
def client(registry: Registry) -> Iterator[SchemaRegistryClient]:
    """Give Confluent's own client."""
    with SchemaRegistryClient({"url": registry.url, "timeout": 10}) as opened:
        yield opened


class Switch:
    """A registry that can go away."""

    def __init__(self, now: ConfluentRegistry) -> None:
        self.now = now

    def id_of(self, *, topic: str, schema: Schema) -> int:
        return self.now.id_of(topic=topic, schema=schema)

    def schema(self, schema_id: int) -> Schema:
        return self.now.schema(schema_id)


def connected(registry: Registry) -> ConfluentRegistry:
    return ConfluentRegistry.of(
        KafkaSettings(bootstrap_servers="127.0.0.1:1", registry_url=registry.url)
    )


def codec_of(
    registry: ConfluentRegistry | Switch, prefix: str, *, item: Schema | None = None
) -> Codec:
    """Return a codec of a release whose items are of another version."""
    versions = [one for one in project_schemas().versions if item is None or one.name != ITEM]
    schemas = Schemas((*versions, *([item] if item else [])))
    return Codec(schemas=schemas, topology=project_topology().renamed(prefix), registry=registry)


def an_item_schema(*fields: dict[str, Any]) -> Schema:
    current = project_schemas().current(ITEM)
    definition = dict(current.definition)
    return replace(
        parse(definition | {"fields": [*definition["fields"], *fields]}), path=current.path
    )


WEIGHT = {"name": "weight", "type": ["null", "string"], "default": None, "doc": "Weight."}
SIZE = {"name": "size", "type": "string", "doc": "Size."}


class TestRegistry:
    def test_holds_the_schema_under_the_topic_fully_transitively(
        self, registry: Registry, client: SchemaRegistryClient, prefix: str, items: str
    ) -> None:
        value = codec_of(connected(registry), prefix).encode(items, a_netsuite_item())

        registered = client.get_latest_version(f"{items}-value")
        assert client.get_compatibility(f"{items}-value") == "FULL_TRANSITIVE"
        assert value[:5] == framing.confluent(registered.schema_id or 0)
        assert json.loads(registered.schema.schema_str or "")["name"] == "Item"

    def test_is_understood_by_a_process_that_only_has_the_id(
        self, registry: Registry, prefix: str, items: str
    ) -> None:
        value = codec_of(connected(registry), prefix).encode(items, a_netsuite_item())

        assert codec_of(connected(registry), prefix).decode(items, value) == a_netsuite_item()

    def test_gives_what_confluents_own_programs_read_and_write(
        self, registry: Registry, client: SchemaRegistryClient, prefix: str, items: str
    ) -> None:
        codec = codec_of(connected(registry), prefix)
        context = SerializationContext(items, MessageField.VALUE)
        value = codec.encode(items, a_netsuite_item())
        strategy = {"subject.name.strategy.type": "TOPIC"}

        read = AvroDeserializer(client, conf=strategy)(value, context)
        written = AvroSerializer(
            client,
            json.dumps(project_schemas().current(ITEM).definition),
            conf={**strategy, "auto.register.schemas": True},
        )(read, context)

        assert written == value
        assert codec.decode(items, written) == a_netsuite_item()

    def test_lets_two_releases_read_each_other(
        self, registry: Registry, prefix: str, items: str
    ) -> None:
        today = codec_of(connected(registry), prefix)
        old_value = today.encode(items, a_netsuite_item())
        newer_adapter = connected(registry)
        newer = newer_adapter.id_of(topic=items, schema=an_item_schema(WEIGHT))

        new_value = framing.confluent(newer) + old_value[5:] + b"\x02\x081 kg"

        assert newer_adapter.schema(newer).name == ITEM
        assert today.decode(items, new_value) == a_netsuite_item()

    def test_refuses_a_schema_that_old_records_cannot_be_read_with(
        self, registry: Registry, prefix: str, items: str
    ) -> None:
        adapter = connected(registry)
        adapter.id_of(topic=items, schema=project_schemas().current(ITEM))

        with pytest.raises(IncompatibleSchema, match=r"refuses isthmus\.netsuite\.Item"):
            adapter.id_of(topic=items, schema=an_item_schema(SIZE))

    def test_stops_the_start_and_not_a_record(
        self, registry: Registry, prefix: str, items: str
    ) -> None:
        adapter = connected(registry)
        adapter.id_of(topic=items, schema=an_item_schema(WEIGHT, SIZE))

        with pytest.raises(IncompatibleSchema, match="Remedy: run `isthmusctl schemas check`"):
            codec_of(adapter, prefix).prepare([items])

    def test_is_told_from_a_registry_that_does_not_know_the_id(
        self, registry: Registry, prefix: str, items: str
    ) -> None:
        with pytest.raises(Undecodable) as refused:
            codec_of(connected(registry), prefix).decode(items, framing.confluent(1 << 30) + b"x")

        assert refused.value.cause is Cause.UNKNOWN_SCHEMA
        assert "the registry knows no schema 1073741824" in refused.value.detail

    def test_is_told_from_an_id_of_something_else(
        self, registry: Registry, client: SchemaRegistryClient, prefix: str, items: str
    ) -> None:
        number = client.register_schema(f"{prefix}word-value", Registered('"string"', "AVRO"))

        with pytest.raises(Undecodable, match="is no Avro record"):
            codec_of(connected(registry), prefix).decode(
                items, framing.confluent(number) + b"\x02a"
            )

    def test_understands_single_object_encoding_as_well(
        self, registry: Registry, prefix: str
    ) -> None:
        value = a_codec(prefix=prefix).encode("amazon.orders", an_order())

        assert codec_of(connected(registry), prefix).decode("amazon.orders", value) == an_order()


class TestPatience:
    def test_ends_when_the_schema_has_come(
        self, registry: Registry, prefix: str, items: str, unique: str
    ) -> None:
        reader = connected(registry)
        first, fresh = (an_item_schema(WEIGHT | {"name": f"{word}_{unique}"}) for word in "ab")
        codec = codec_of(reader, prefix)
        wait = SchemaWait(codec.decode, SystemClock(), bound_s=300)
        written = codec.encode(items, a_netsuite_item())
        newest = reader.id_of(topic=f"{prefix}other", schema=first)
        early = framing.confluent(newest + 1) + written[5:] + b"\x02\x081 kg"
        with pytest.raises(Retryable, match=f"knows no schema {newest + 1}"):
            wait.read(items, early, first_failed_ms=None)

        assert reader.id_of(topic=items, schema=fresh) == newest + 1
        time.sleep(ASK_EVERY_S)

        assert wait.read(items, early, first_failed_ms=None) == a_netsuite_item()


class TestOutage:
    @pytest.fixture
    def away(self) -> ConfluentRegistry:
        settings = KafkaSettings(
            bootstrap_servers="127.0.0.1:1",
            registry_url="http://127.0.0.1:1",
            registry_timeout_s=2,
        )
        return ConfluentRegistry.of(settings)

    def test_is_worth_another_try(self, away: ConfluentRegistry) -> None:
        with pytest.raises(RegistryUnreachable, match="ConnectError"):
            away.schema(7)
        with pytest.raises(RegistryUnreachable):
            away.id_of(topic="t", schema=project_schemas().current(ITEM))

    def test_does_not_stop_who_knows_the_schema(
        self, registry: Registry, away: ConfluentRegistry, prefix: str, items: str
    ) -> None:
        switch = Switch(connected(registry))
        codec = codec_of(switch, prefix)
        value = codec.encode(items, a_netsuite_item())
        codec.decode(items, value)

        switch.now = away

        assert codec.decode(items, value) == a_netsuite_item()
        assert codec.encode(items, a_netsuite_item()) == value

    def test_keeps_the_password_to_itself(self) -> None:
        settings = KafkaSettings(
            bootstrap_servers="127.0.0.1:1",
            registry_url="http://127.0.0.1:1",
            registry_username="isthmus",
            registry_password=SecretStr("hunter2"),
        )
        adapter = ConfluentRegistry.of(settings)

        with pytest.raises(RegistryUnreachable) as refused:
            adapter.schema(7)

        assert "hunter2" not in str(refused.value)
        assert "hunter2" not in repr(adapter)

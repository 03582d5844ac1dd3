from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient, SchemaRegistryError

from isthmus.kafka.local import Registry


def a_schema(*fields: dict[str, object]) -> Schema:
    record = {"type": "record", "name": "Order", "fields": list(fields)}
    return Schema(json.dumps(record), schema_type="AVRO")


ID = {"name": "id", "type": "string"}
NOTE = {"name": "note", "type": ["null", "string"], "default": None}
COUNT_WITHOUT_DEFAULT = {"name": "count", "type": "int"}


class TestRegistry:
    @pytest.fixture
    def client(self, registry: Registry) -> Iterator[SchemaRegistryClient]:
        with SchemaRegistryClient({"url": registry.url}) as client:
            yield client

    def test_registers_what_is_fully_compatible_and_refuses_what_is_not(
        self, client: SchemaRegistryClient, unique: str
    ) -> None:
        subject = f"orders-{unique}-value"
        client.set_compatibility(subject, level="FULL_TRANSITIVE")
        first = client.register_schema(subject, a_schema(ID))
        second = client.register_schema(subject, a_schema(ID, NOTE))

        with pytest.raises(SchemaRegistryError) as refusal:
            client.register_schema(subject, a_schema(ID, COUNT_WITHOUT_DEFAULT))

        assert refusal.value.http_status_code == 409
        assert first != second
        assert client.get_versions(subject) == [1, 2]

    def test_gives_back_a_schema_by_its_id(self, client: SchemaRegistryClient, unique: str) -> None:
        schema_id = client.register_schema(f"orders-{unique}-value", a_schema(ID))

        found = client.get_schema(schema_id)

        assert json.loads(found.schema_str or "")["name"] == "Order"

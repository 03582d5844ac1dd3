"""What fastavro is told about unions, wherever in a schema they stand."""

from __future__ import annotations

import io
from typing import Any

import fastavro
import pytest

from isthmus.kafka.datum import from_wire, to_wire
from isthmus.kafka.schemas import Schema, parse


def a_record(name: str, *fields: dict[str, Any]) -> dict[str, Any]:
    return {"type": "record", "name": name, "namespace": "isthmus.test", "fields": list(fields)}


def of(avro: object) -> Schema:
    return parse(a_record("Outer", {"name": "it", "type": avro}))


KINDS = [
    a_record("Cat", {"name": "name", "type": "string"}),
    a_record("Dog", {"name": "name", "type": "string"}),
]
CAT = {"type": "Cat", "name": "Tom"}
DOG = {"type": "Dog", "name": "Rex"}


def a_copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: a_copy(part) for name, part in value.items()}
    return [a_copy(part) for part in value] if isinstance(value, list) else value


def back(schema: Schema, value: dict[str, Any]) -> Any:
    stream = io.BytesIO()
    hint = to_wire(schema)
    fastavro.schemaless_writer(stream, schema.parsed, hint(a_copy(value)) if hint else value)
    stream.seek(0)
    finish = from_wire(schema)
    kinds = finish is not None
    content = fastavro.schemaless_reader(stream, schema.parsed, None, kinds, kinds)
    return finish(content) if finish else content


class TestKinds:
    @pytest.mark.parametrize(
        ("avro", "value"),
        [
            (KINDS, DOG),
            (["null", *KINDS], CAT),
            (["null", *KINDS], None),
            ({"type": "array", "items": KINDS}, [CAT, DOG, CAT]),
            (["null", {"type": "array", "items": KINDS}], [DOG]),
            ({"type": "map", "values": KINDS}, {"a": DOG, "b": CAT}),
            (a_record("Inner", {"name": "pet", "type": KINDS}), {"pet": DOG}),
            (["null", a_record("Inner", {"name": "pet", "type": KINDS})], {"pet": DOG}),
        ],
    )
    def test_come_back_as_what_they_are(self, avro: object, value: object) -> None:
        assert back(of(avro), {"it": value}) == {"it": value}

    def test_may_be_named_twice(self) -> None:
        fields = ({"name": "one", "type": KINDS}, {"name": "two", "type": ["Cat", "Dog"]})
        schema = parse(a_record("Outer", *fields))

        assert back(schema, {"one": CAT, "two": DOG}) == {"one": CAT, "two": DOG}


class TestToWire:
    def test_has_nothing_to_do_without_unions(self) -> None:
        assert to_wire(of({"type": "array", "items": "string"})) is None

    def test_names_the_branch_of_a_nullable(self) -> None:
        money = a_record("Money", {"name": "currency", "type": "string"})
        hint = to_wire(of(["null", money]))

        assert hint is not None
        assert hint({"it": {"currency": "USD"}}) == {
            "it": ("isthmus.test.Money", {"currency": "USD"})
        }
        assert hint({"it": None}) == {"it": None}


class TestFromWire:
    def test_has_nothing_to_do_without_kinds(self) -> None:
        assert from_wire(of(["null", "string"])) is None

"""FULL_TRANSITIVE: every version reads what every other one wrote. The rules are Apache Avro's."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import permutations
from typing import Any

from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType
from avro.schema import Schema as ApacheSchema
from avro.schema import parse

from isthmus.kafka.schemas import Schema, Schemas
from isthmus.ops.configuration import Problem

REMEDY = (
    "add fields only with a default, remove only those that have one, rename none and change no"
    " type; what cannot be said so is a new record"
)


def problems(schemas: Schemas) -> Iterator[Problem]:
    """Yield pairs of versions of which one cannot read the other, and versions without a heir."""
    for name in sorted({schema.name for schema in schemas.versions}):
        versions = [schema for schema in schemas.versions if schema.name == name]
        if not any(version.current for version in versions):
            what = f"{name} has old versions but none of today: its records could not be read"
            yield Problem(str(versions[0].path), what, "put the record back")
        for reader, writer in permutations(versions, 2):
            yield from unreadable(reader, writer)


def unreadable(reader: Schema, writer: Schema) -> Iterator[Problem]:
    """Yield why the reader cannot read what the writer wrote."""
    rules = ReaderWriterCompatibilityChecker()  # type: ignore[no-untyped-call]
    result = rules.get_compatibility(_apache(reader), _apache(writer))
    if result.compatibility is not SchemaCompatibilityType.compatible:
        kinds = ", ".join(sorted({kind.value for kind in result.incompatibilities}))
        places = ", ".join(sorted(_fields(reader, result.locations)))
        words = "; ".join(sorted(result.messages))
        what = f"cannot read what {_label(writer)} wrote: {kinds} at {places} ({words})"
        yield Problem(str(reader.path), what, REMEDY)


def _apache(schema: Schema) -> ApacheSchema:
    return parse(json.dumps(schema.definition))


def _fields(reader: Schema, locations: Iterable[str]) -> set[str]:
    """Turn ``/fields/6/type`` into the names of the fields on the way."""
    return {
        _way(reader.definition, location.split("/")) for location in locations if location != "/"
    }


def _way(avro: Any, steps: Sequence[str]) -> str:
    names: list[str] = []
    for step in steps:
        if step.isdigit() and isinstance(avro, list) and int(step) < len(avro):
            avro = avro[int(step)]
        elif isinstance(avro, dict):
            avro = avro.get(step, avro)
        if step.isdigit() and isinstance(avro, dict) and "name" in avro and "fields" not in avro:
            names.append(avro["name"])
    return ".".join(names)


def _label(schema: Schema) -> str:
    return schema.path.name if schema.path else schema.name

"""What compatibility and fingerprints do not see: logical types, scales, marks of personal data.

Two versions may be equal to Avro while one says dollars and the other cents.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

from isthmus.kafka.schema_checks.walk import leaves, records
from isthmus.kafka.schemas import Schema, Schemas
from isthmus.ops.configuration import Problem

TOLD_NOT_BY_FINGERPRINTS = ("logicalType", "precision", "scale")


def problems(schemas: Schemas) -> Iterator[Problem]:
    """Yield fields whose meaning changed, versions that are the same, names used for two things."""
    for one, other in combinations(schemas.versions, 2):
        if one.name == other.name:
            yield from _changed(one, other)
        if one.fingerprint == other.fingerprint:
            yield Problem(
                str(other.path),
                f"has the fingerprint of {one.path}: what lies in a topic could be either",
                "keep one of the two; to mean something else, name a new field",
            )
    yield from _used_twice(schemas)


def _changed(one: Schema, other: Schema) -> Iterator[Problem]:
    before, after = _meanings(one), _meanings(other)
    for path in sorted(before.keys() & after.keys()):
        if before[path] != after[path]:
            yield Problem(
                f"{other.path}: {path}",
                f"means {_words(after[path])}, but {_words(before[path])} in {one.path}",
                "leave the published field as it is and add one of another name",
            )


def _meanings(schema: Schema) -> Mapping[str, Mapping[str, Any]]:
    return {leaf.path: _meaning(leaf.avro, leaf.field) for leaf in leaves(schema)}


def _meaning(avro: Any, field: Mapping[str, Any]) -> Mapping[str, Any]:
    told = {word: avro[word] for word in TOLD_NOT_BY_FINGERPRINTS if word in avro}
    return told | {"pii": bool(field.get("pii"))}


def _words(meaning: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in meaning.items())


def _used_twice(schemas: Schemas) -> Iterator[Problem]:
    definitions: dict[str, list[tuple[Schema, Mapping[str, Any]]]] = defaultdict(list)
    for name in schemas.names:
        schema = schemas.current(name)
        for record in records(schema):
            definitions[record["name"]].append((schema, record))
    for name, [(first, one), *rest] in definitions.items():
        for schema, other in rest:
            if one != other:
                what = f"defines {name} otherwise than {first.path}"
                yield Problem(str(schema.path), what, "make the two definitions equal")

"""Golden examples: ``schemas/examples/<Record>/<case>.json``, what was once published.

An example holds the bytes and what they mean. Whatever becomes of the schemas, the bytes must mean
the same: so examples are added, never changed. They also pin down what fingerprints do not tell, a
decimal's scale for one, and therefore leave no field of a record empty.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from isthmus.core.errors import Rejected
from isthmus.kafka import framing
from isthmus.kafka.avro import AvroReader, AvroWriter
from isthmus.kafka.codec import Types
from isthmus.kafka.schema_checks.walk import filled, leaves, short_name
from isthmus.kafka.schemas import Schema, Schemas
from isthmus.ops.configuration import Problem

REMEDY: Final = (
    "put the schema back as it was; or file its former version in history/ and give today's fields"
    " a default"
)


class Example(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One golden message.

    :param doc: what it shows.
    :param wire: the bytes as they were written, single-object encoding.
    :param value: what they mean, as JSON of the struct.
    """

    doc: str
    wire: bytes = b""
    value: dict[str, Any]


def read(path: Path) -> Example:
    """Read an example.

    :raises ValueError: it is none.
    """
    return msgspec.json.decode(path.read_bytes(), type=Example)


def freeze(path: Path, *, schemas: Schemas, types: Types) -> None:
    """Add the bytes to a new example, from its value and the schema of today.

    :raises ValueError: it has bytes already, or its value is none of the record.
    """
    example = read(path)
    if example.wire:
        raise ValueError("it has its bytes already: what was published is never changed")
    schema = _record_of(path, schemas)
    content = json.loads(path.read_text(encoding="utf-8"))
    wire = msgspec.to_builtins(_wire(example, schema, types=types))
    content = {"doc": content["doc"], "wire": wire, "value": content["value"]}
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def problems(folder: Path, *, schemas: Schemas, types: Types) -> Iterator[Problem]:
    """Yield examples that mean something else now, and what no example shows."""
    shown: dict[bytes, list[dict[str, Any]]] = {}
    for path in sorted(folder.glob("*/*.json")):
        try:
            example = read(path)
            yield from _of_example(path, example, schemas=schemas, types=types)
            shown.setdefault(example.wire[2:10], []).append(example.value)
        except (ValueError, Rejected, KeyError) as error:
            yield Problem(str(path), f"does not decode: {error}", REMEDY)
    for schema in schemas.versions:
        yield from _unshown(schema, shown.get(schema.fingerprint, []), folder=folder)


def _of_example(
    path: Path, example: Example, *, schemas: Schemas, types: Types
) -> Iterator[Problem]:
    current = _record_of(path, schemas)
    reference, start = framing.unframe(example.wire)
    written = schemas.written_with(reference) if isinstance(reference, bytes) else None
    if written is None or written.name != current.name:
        what = (
            f"was written with a schema of {current.name} that is gone: {example.wire[:10].hex()}"
        )
        yield Problem(str(path), what, REMEDY)
        return
    struct = types[current.name]
    value = AvroReader(written=written, current=current, struct=struct).read(example.wire, start)
    meant = msgspec.convert(example.value, struct)
    if value != meant:
        yield Problem(str(path), "its bytes do not mean its value any more", REMEDY)
    if written is current and _wire(example, current, types=types) != example.wire:
        yield Problem(str(path), "its value is written with other bytes now", REMEDY)


def _wire(example: Example, schema: Schema, *, types: Types) -> bytes:
    struct = types[schema.name]
    prefix = framing.single_object(schema.fingerprint)
    value = msgspec.convert(example.value, struct)
    return AvroWriter(schema, struct=struct, prefix=prefix).write(value)


def _record_of(path: Path, schemas: Schemas) -> Schema:
    for name in schemas.names:
        if short_name(name) == path.parent.name:
            return schemas.current(name)
    raise ValueError(f"there is no record {path.parent.name}")


def _unshown(schema: Schema, values: list[dict[str, Any]], *, folder: Path) -> Iterator[Problem]:
    there = {path for value in values for path in filled(schema, value)}
    # Fields that are gone cannot be shown any more.
    wanted = [leaf.path for leaf in leaves(schema)] if schema.current else []
    missing = [path for path in wanted if path not in there]
    if missing or not values:
        yield Problem(
            str(schema.path),
            f"no example shows {', '.join(missing) if values else 'it'}",
            f"add one to {folder}/{short_name(schema.name)}, and `isthmusctl schemas freeze` it",
        )

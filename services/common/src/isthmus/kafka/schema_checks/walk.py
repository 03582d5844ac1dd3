"""Ways through a schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from isthmus.kafka.schemas import Schema

Named = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A part of a record that holds no other parts.

    :param path: such as ``items[].unit_price.amount``.
    :param avro: its type, not that of the union or array around it.
    :param field: the field that it belongs to.
    """

    path: str
    avro: Any
    field: Mapping[str, Any]


def records(schema: Schema) -> Iterator[Mapping[str, Any]]:
    """Yield each record that is defined in the schema, the outermost first."""
    named: Named = {}
    for _ in _fields(schema.parsed, "", named):
        pass
    yield from named.values()


def leaves(schema: Schema) -> Iterator[Leaf]:
    """Yield all that carries a value."""
    yield from _fields(schema.parsed, "", {})


def filled(schema: Schema, value: Any) -> Iterator[str]:
    """Yield the paths of the leaves that a value, as JSON of the struct, does not leave empty."""
    named = {record["name"]: record for record in records(schema)}
    yield from _filled(schema.parsed, value, "", named)


def short_name(name: str) -> str:
    """Return the name of a record without its namespace."""
    return name.rpartition(".")[2]


def _fields(record: Any, path: str, named: Named) -> Iterator[Leaf]:
    named[record["name"]] = record
    for field in record["fields"]:
        here = _inside(path, field["name"])
        yield from _part(field["type"], here, field, named)


def _part(avro: Any, path: str, field: Mapping[str, Any], named: Named) -> Iterator[Leaf]:
    avro = named.get(avro, avro) if isinstance(avro, str) else avro
    if isinstance(avro, list):
        yield from _union(avro, path, field, named)
    elif isinstance(avro, dict) and avro["type"] == "record":
        yield from _fields(avro, path, named)
    elif isinstance(avro, dict) and avro["type"] == "array":
        yield from _part(avro["items"], f"{path}[]", field, named)
    elif isinstance(avro, dict) and avro["type"] == "map":
        yield from _part(avro["values"], f"{path}{{}}", field, named)
    else:
        yield Leaf(path, avro, field)


def _union(
    branches: list[Any], path: str, field: Mapping[str, Any], named: Named
) -> Iterator[Leaf]:
    for kind, branch in _kinds(branches, named):
        yield from _part(branch, path + kind, field, named)


def _filled(avro: Any, value: Any, path: str, named: Named) -> Iterator[str]:
    avro = named.get(avro, avro) if isinstance(avro, str) else avro
    if value is None:
        return
    if isinstance(avro, list):
        for kind, branch in _kinds(avro, named):
            if not kind or kind == f"<{value['type']}>":
                yield from _filled(branch, value, path + kind, named)
    elif isinstance(avro, dict) and avro["type"] == "record":
        yield from _filled_record(avro, value, path, named)
    elif isinstance(avro, dict) and avro["type"] == "array":
        for part in value:
            yield from _filled(avro["items"], part, f"{path}[]", named)
    elif isinstance(avro, dict) and avro["type"] == "map":
        for part in value.values():
            yield from _filled(avro["values"], part, f"{path}{{}}", named)
    else:
        yield path


def _filled_record(avro: Any, value: Any, path: str, named: Named) -> Iterator[str]:
    for field in avro["fields"]:
        here = _inside(path, field["name"])
        yield from _filled(field["type"], value.get(field["name"]), here, named)


def _kinds(branches: list[Any], named: Named) -> Iterator[tuple[str, Any]]:
    """Yield the branches that hold something, and what sets records of one union apart."""
    others = [branch for branch in branches if branch != "null"]
    for branch in others:
        full = named.get(branch, branch) if isinstance(branch, str) else branch
        apart = len(others) > 1 and isinstance(full, dict) and "name" in full
        yield f"<{short_name(full['name'])}>" if apart else "", full


def _inside(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name

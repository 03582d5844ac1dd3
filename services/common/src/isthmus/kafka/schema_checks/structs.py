"""Every struct equals its Avro record: names, order, types, defaults."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from msgspec import inspect

from isthmus.kafka.codec import Types
from isthmus.kafka.schema_checks.walk import Named, short_name
from isthmus.kafka.schemas import Schema, Schemas
from isthmus.messages.fields import INT_MAX
from isthmus.ops.configuration import Problem

LEAVES: Final[dict[str, type[inspect.Type]]] = {
    "string": inspect.StrType,
    "boolean": inspect.BoolType,
    "bytes": inspect.BytesType,
    "int": inspect.IntType,
    "long": inspect.IntType,
    "bytes decimal": inspect.DecimalType,
    "long timestamp-millis": inspect.DateTimeType,
    "int date": inspect.DateType,
}
RANGES: Final = {"int": INT_MAX, "long": 2**63 - 1}
EMPTY: Final[dict[str, Any]] = {"null": None, "[]": (), "{}": dict}
REMEDY: Final = "make schemas/avro and isthmus.messages say the same"


def problems(schemas: Schemas, *, types: Types) -> Iterator[Problem]:
    """Yield differences between structs and schemas."""
    for name in sorted({*schemas.names, *types}):
        if name not in types:
            yield Problem(str(schemas.current(name).path), "has no struct", REMEDY)
        elif name not in schemas.names:
            yield Problem(name, "is a struct without a schema", REMEDY)
        else:
            yield from _of_record(schemas.current(name), types[name])


def _of_record(schema: Schema, struct: type[msgspec.Struct]) -> Iterator[Problem]:
    for where, what in _record(schema.parsed, inspect.type_info(struct), schema.name, {}):
        yield Problem(where, what, REMEDY)


Difference = tuple[str, str]


def _record(avro: Any, kind: inspect.Type, path: str, named: Named) -> Iterator[Difference]:
    named[avro["name"]] = avro
    if not isinstance(kind, inspect.StructType):
        yield path, f"is a record in the schema, but {_name(kind)} in Python"
        return
    if kind.cls.__name__ != short_name(avro["name"]):
        yield path, f"is {avro['name']} in the schema, but {kind.cls.__name__} in Python"
    theirs, ours = [f["name"] for f in avro["fields"]], [f.name for f in kind.fields]
    if theirs != ours:
        yield path, f"has {', '.join(theirs)} in the schema, but {', '.join(ours)} in Python"
        return
    for field, member in zip(avro["fields"], kind.fields, strict=True):
        here = f"{path}.{field['name']}"
        yield from _default(field, member, here)
        yield from _type(field["type"], member.type, here, named)


def _default(field: Any, member: inspect.Field, path: str) -> Iterator[Difference]:
    if ("default" in field) == member.required:
        where = "schema" if "default" in field else "struct"
        yield path, f"has a default in the {where} alone"
    elif "default" in field:
        theirs = EMPTY.get(msgspec.json.encode(field["default"]).decode(), field["default"])
        ours = member.default if member.default is not msgspec.NODEFAULT else member.default_factory
        if theirs != ours:
            yield path, f"defaults to {theirs!r} in the schema, but {ours!r} in Python"


def _type(avro: Any, kind: inspect.Type, path: str, named: Named) -> Iterator[Difference]:
    avro = named.get(avro, avro) if isinstance(avro, str) else avro
    if isinstance(avro, list) or isinstance(kind, inspect.UnionType):
        yield from _union(avro if isinstance(avro, list) else [avro], kind, path, named)
    elif isinstance(avro, dict) and avro["type"] == "record":
        yield from _record(avro, kind, path, named)
    elif isinstance(avro, dict) and avro["type"] == "array":
        if isinstance(kind, inspect.VarTupleType):
            yield from _type(avro["items"], kind.item_type, f"{path}[]", named)
        else:
            yield path, f"is an array in the schema, but {_name(kind)} in Python"
    elif isinstance(avro, dict) and avro["type"] == "map":
        if isinstance(kind, inspect.DictType):
            yield from _type(avro["values"], kind.value_type, f"{path}{{}}", named)
        else:
            yield path, f"is a map in the schema, but {_name(kind)} in Python"
    else:
        yield from _leaf(avro, kind, path)


def _union(
    branches: list[Any], kind: inspect.Type, path: str, named: Named
) -> Iterator[Difference]:
    kinds = list(kind.types) if isinstance(kind, inspect.UnionType) else [kind]
    ours = [one for one in kinds if not isinstance(one, inspect.NoneType)]
    theirs = [branch for branch in branches if branch != "null"]
    if ("null" in branches) != (len(ours) < len(kinds)):
        yield path, f"may be null in the {'schema' if 'null' in branches else 'struct'} alone"
    if len(ours) != len(theirs):
        yield path, f"has {len(theirs)} kinds in the schema, but {len(ours)} in Python"
        return
    if len(theirs) > 1 and any(getattr(one, "tag_field", None) != "type" for one in ours):
        yield path, "is a union whose structs do not have the tag field `type`"
    for branch, one in zip(theirs, ours, strict=True):
        yield from _type(branch, one, path, named)


def _leaf(avro: Any, kind: inspect.Type, path: str) -> Iterator[Difference]:
    primitive = avro if isinstance(avro, str) else avro["type"]
    name = primitive if isinstance(avro, str) else f"{primitive} {avro.get('logicalType')}"
    if not isinstance(kind, LEAVES.get(name, inspect.NoneType)):
        yield path, f"is {name} in the schema, but {_name(kind)} in Python"
    elif isinstance(kind, inspect.IntType):
        limit = RANGES[primitive]
        if kind.le is None or kind.le > limit or kind.ge is None or kind.ge < -limit - 1:
            yield path, f"is {primitive} in the schema, but its bounds in Python are wider"
    elif isinstance(kind, inspect.DateTimeType) and kind.tz is not True:
        yield path, "is a moment in the schema, but may be without a zone in Python"


def _name(kind: inspect.Type) -> str:
    return type(kind).__name__.removesuffix("Type").lower()

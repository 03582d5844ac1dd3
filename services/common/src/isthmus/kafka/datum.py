"""What fastavro is told about a value so that it need not guess, made once per schema.

For each value of a union fastavro tries the branches in turn, by validating the value against them;
a pair ``(branch, value)`` spares it that. For a union of records it *must* be told: the structs
know what they are by their tag. Back from the wire, the branch's name becomes the tag again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from isthmus.kafka.schemas import Schema

Step = Callable[[Any], Any]
Named = dict[str, Any]

TAG: Final = "type"


def to_wire(schema: Schema) -> Step | None:
    """Return what names the branches of unions in a value, or nothing where none needs it."""
    return _compile(schema.parsed, {}, _naming)


def from_wire(schema: Schema) -> Step | None:
    """Return what makes tags of the names of union branches, or nothing where there are none."""
    return _compile(schema.parsed, {}, _tagging)


def _compile(
    avro: Any, named: Named, union: Callable[[list[Any], Named], Step | None]
) -> Step | None:
    """Return the step for a schema; parts in which nothing is to be done have none."""
    avro = named.get(avro, avro) if isinstance(avro, str) else avro
    if isinstance(avro, list):
        return union(avro, named)
    if not isinstance(avro, dict):
        return None
    if avro["type"] == "record":
        named[avro["name"]] = avro
        steps = [(f["name"], _compile(f["type"], named, union)) for f in avro["fields"]]
        return _record_step({name: step for name, step in steps if step is not None})
    if avro["type"] == "array":
        return _items_step(_compile(avro["items"], named, union))
    if avro["type"] == "map":
        return _values_step(_compile(avro["values"], named, union))
    return None


def _record_step(steps: Mapping[str, Step]) -> Step | None:
    if not steps:
        return None
    pairs = tuple(steps.items())

    def step(value: dict[str, Any]) -> dict[str, Any]:
        for name, inner in pairs:
            part = value[name]
            if part is not None:
                value[name] = inner(part)
        return value

    return step


def _items_step(inner: Step | None) -> Step | None:
    return None if inner is None else lambda values: [inner(value) for value in values]


def _values_step(inner: Step | None) -> Step | None:
    if inner is None:
        return None
    return lambda values: {key: inner(value) for key, value in values.items()}


def _naming(branches: list[Any], named: Named) -> Step | None:
    inner = {name: _compile(branch, named, _naming) for name, branch in _named(branches, named)}
    if _are_kinds(branches, named):
        return _by_tag(inner)
    others = [name for name in inner if name != "null"]
    if len(others) != 1:
        return None
    [name] = others
    step = inner[name]
    if step is None:
        return lambda value: (name, value)
    return lambda value: (name, step(value))


def _by_tag(inner: Mapping[str, Step | None]) -> Step:
    kinds = {name.rpartition(".")[2]: (name, step) for name, step in inner.items()}

    def step(value: dict[str, Any]) -> tuple[str, Any]:
        name, deeper = kinds[value.pop(TAG)]
        return name, value if deeper is None else deeper(value)

    return step


def _tagging(branches: list[Any], named: Named) -> Step | None:
    inner = {name: _compile(branch, named, _tagging) for name, branch in _named(branches, named)}
    if _are_kinds(branches, named):
        return _to_tag(inner)
    steps = [step for step in inner.values() if step is not None]
    return steps[0] if steps else None


def _to_tag(inner: Mapping[str, Step | None]) -> Step:
    def step(pair: tuple[str, Any]) -> Any:
        name, value = pair
        deeper = inner[name]
        value = value if deeper is None else deeper(value)
        value[TAG] = name.rpartition(".")[2]
        return value

    return step


def _named(branches: list[Any], named: Named) -> list[tuple[str, Any]]:
    full = [named.get(branch, branch) if isinstance(branch, str) else branch for branch in branches]
    return [(_branch_name(branch), branch) for branch in full]


def _are_kinds(branches: list[Any], named: Named) -> bool:
    return sum(_is_record(branch) for _, branch in _named(branches, named)) > 1


def _is_record(branch: Any) -> bool:
    return isinstance(branch, dict) and branch["type"] == "record"


def _branch_name(branch: Any) -> str:
    if isinstance(branch, str):
        return branch
    return str(branch["name"] if _is_record(branch) else branch["type"])

"""The Avro schemas of the project: ``schemas/avro/<area>/<Record>.avsc``, and their old versions.

A version that was ever written stays in ``<area>/history/<Record>.<number>.avsc``, so that whatever
lies in a topic can be read for ever.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import fastavro
from fastavro.schema import SchemaParseException, UnknownType
from fastavro.types import Schema as AvroSchema

from isthmus.ops.configuration import ConfigurationError, Problem

ALGORITHM: Final = "CRC-64-AVRO"
HISTORY: Final = "history"


@dataclass(frozen=True, slots=True, eq=False)
class Schema:
    """One version of one record.

    :param name: full name, such as ``isthmus.amazon.Order``.
    :param fingerprint: CRC-64-AVRO of the parsing canonical form, as it goes over the wire.
    :param definition: the schema as it was written, with docs and attributes.
    :param parsed: the schema as fastavro wants it.
    """

    name: str
    fingerprint: bytes
    definition: Mapping[str, Any]
    parsed: AvroSchema
    path: Path | None = None

    @property
    def current(self) -> bool:
        """Tell whether this is the version that is written now."""
        return self.path is not None and self.path.parent.name != HISTORY


def parse(definition: Mapping[str, Any], *, path: Path | None = None) -> Schema:
    """Make a schema of its JSON form.

    :raises ValueError: it is not an Avro record.
    """
    try:
        parsed = fastavro.parse_schema(dict(definition))
    except (SchemaParseException, UnknownType, KeyError, TypeError) as error:
        raise ValueError(f"not an Avro schema: {error!r}") from error
    if not isinstance(parsed, dict) or parsed.get("type") != "record":
        raise ValueError("not an Avro record")
    canonical = fastavro.schema.to_parsing_canonical_form(parsed)
    return Schema(
        name=parsed["name"],
        fingerprint=bytes.fromhex(fastavro.schema.fingerprint(canonical, ALGORITHM)),
        definition=definition,
        parsed=parsed,
        path=path,
    )


class Schemas:
    """All versions of all records, by name and by fingerprint."""

    def __init__(self, versions: tuple[Schema, ...]) -> None:
        self.versions = versions
        self._current = {schema.name: schema for schema in versions if schema.current}
        self._by_fingerprint = {schema.fingerprint: schema for schema in versions}

    @property
    def names(self) -> tuple[str, ...]:
        """Return the full names of all records that can be written now."""
        return tuple(self._current)

    def current(self, name: str) -> Schema:
        """Return the version that is written now.

        :raises KeyError: there is no such record.
        """
        return self._current[name]

    def written_with(self, fingerprint: bytes) -> Schema | None:
        """Return the version of a fingerprint, also an old one."""
        return self._by_fingerprint.get(fingerprint)


def load(folder: Path) -> Schemas:
    """Read all schemas below ``<folder>/avro``.

    :raises ConfigurationError: names each file that is no schema.
    """
    problems: list[Problem] = []
    versions = tuple(_read_all(folder / "avro", problems))
    if not versions and not problems:
        problems.append(Problem(str(folder / "avro"), "holds no .avsc", "name the folder schemas/"))
    if problems:
        raise ConfigurationError(problems)
    return Schemas(versions)


def _read_all(folder: Path, problems: list[Problem]) -> Iterator[Schema]:
    for path in sorted(folder.rglob("*.avsc")):
        try:
            schema = parse(json.loads(path.read_text(encoding="utf-8")), path=path)
        except ValueError as error:
            problems.append(Problem(str(path), str(error), "correct the schema"))
            continue
        if path.name.partition(".")[0] != schema.name.rpartition(".")[2]:
            what = f"defines {schema.name}"
            problems.append(Problem(str(path), what, "name the file as the record"))
        yield schema

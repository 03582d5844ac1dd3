"""Puts the stage together: mapping files in, a pure function out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from isthmus.core.identifiers import ACCOUNT
from isthmus.core.records import Transform
from isthmus.kafka import run
from isthmus.kafka.tables import Kind, TableSpec
from isthmus.messages.netsuite import Item
from isthmus.ops.configuration import ConfigurationError, Problem
from isthmus.ops.documents import read_document
from isthmus.ops.settings import load
from isthmus_mapper.domain.mapping import AccountMapping, MappingFile
from isthmus_mapper.handler import COMMANDED, FEEDS, ITEMS, OrderMapping, items_index
from isthmus_mapper.settings import MapperSettings

VERSION_LENGTH: Final = 12


def serve() -> int:
    """Map orders until SIGTERM; return the exit code."""
    settings = load(MapperSettings)
    transform = build_transform(mapping_dir=settings.mapping_dir)
    return run.run_stage(settings, transform, tables=TABLES)


def build_transform(*, mapping_dir: Path) -> Transform:
    """Read the mappings.

    :raises ConfigurationError: naming file and line of everything that is wrong, in all files.
    """
    return OrderMapping(read_mappings(mapping_dir))


def read_mappings(folder: Path) -> Mapping[str, AccountMapping]:
    """Read the files ``<account>.yaml`` of a folder.

    :raises ConfigurationError: naming file and line of everything that is wrong, in all files.
    """
    found: dict[str, AccountMapping] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            found[path.stem] = _read(path)
        except ConfigurationError as error:
            problems += error.problems
    if not found and not problems:
        problems.append(Problem(str(folder), "holds no mapping", "add <account>.yaml to it"))
    if problems:
        raise ConfigurationError(problems)
    return found


def _read(path: Path) -> AccountMapping:
    if not ACCOUNT.fullmatch(path.stem):
        what = f"{path.stem!r} is not the name of an account"
        remedy = "name the file <account>.yaml, of a-z, 0-9 and -"
        raise ConfigurationError([Problem(str(path), what, remedy)])
    document = read_document(path, MappingFile)
    return AccountMapping(
        account=path.stem,
        version=document.sha256[:VERSION_LENGTH],
        file=document.content,
        time_zone=ZoneInfo(document.content.time_zone),
    )


def by_name(_key: str, item: msgspec.Struct) -> str | None:
    """Return where the table keeps an item, so that its SKU finds it."""
    return items_index(item.account, item.sku) if isinstance(item, Item) else None


TABLES: Final = (
    TableSpec(topic=ITEMS, kind=Kind.GLOBAL, index=by_name),
    TableSpec(topic=FEEDS, kind=Kind.GLOBAL),
    TableSpec(topic=COMMANDED, kind=Kind.LOCAL),
)

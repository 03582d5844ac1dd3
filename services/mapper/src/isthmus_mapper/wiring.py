"""Puts the stage together: mapping files in, a pure function out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from isthmus.core.identifiers import ACCOUNT
from isthmus.core.records import Transform
from isthmus.kafka import loops, run
from isthmus.kafka.process import Process
from isthmus.ops.configuration import ConfigurationError, Problem
from isthmus.ops.documents import read_document
from isthmus.ops.settings import load
from isthmus_mapper.domain.mapping import AccountMapping, MappingFile
from isthmus_mapper.handler import OrderMapping
from isthmus_mapper.releasing import releasing
from isthmus_mapper.settings import MapperSettings
from isthmus_mapper.tables import TABLES

VERSION_LENGTH: Final = 12


def serve() -> int:
    """Map orders until SIGTERM; return the exit code."""
    settings = load(MapperSettings)
    transform = build_transform(mapping_dir=settings.mapping_dir)
    process = Process.of(settings)
    loop = loops.stage(process, transform, tables=TABLES)
    with releasing(process, transform, bounds=settings.release):
        return run.turn(loop, process)


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

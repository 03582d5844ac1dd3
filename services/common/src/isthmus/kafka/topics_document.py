"""The shape of topics.yaml, and where in the file each part of it stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from isthmus.kafka.policy import Exhausted
from isthmus.kafka.topology import FOREVER, Cleanup
from isthmus.ops.configuration import ConfigurationError, Problem

Place = tuple[str | int, ...]
Lines = Mapping[Place, int]

PARTITIONS_MAX: Final = 10_000
MS_PER: Final = {"h": 3_600_000, "d": 86_400_000}
DURATION: Final = re.compile(r"([1-9]\d{0,4})([hd])")

TopicName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+$")]
Workload = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
RecordName = Annotated[str, StringConstraints(pattern=r"^[a-z]+(\.[a-z]+)*\.[A-Z][A-Za-z]*$")]
Partitions = Annotated[int, Field(ge=1, le=PARTITIONS_MAX)]


def retention_ms(text: object) -> object:
    """Read ``30d``, ``12h`` or ``forever`` as milliseconds."""
    if text == "forever":
        return FOREVER
    match = DURATION.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError("a retention is a number of days or hours, such as 30d or 12h, or forever")
    return int(match[1]) * MS_PER[match[2]]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SameAs(_Part):
    """As many partitions as another topic has."""

    topic: TopicName = Field(alias="as")


class ConsumerPart(_Part):
    """How a group treats what it has to give up."""

    exhausted: Exhausted


class SourcePart(_Part):
    """A workload that reads an outside end."""

    accounts: Partitions


class DefaultsPart(_Part):
    """What holds where an entry says nothing else."""

    partitions: Partitions = 12
    replication: Annotated[int, Field(ge=1, le=9)] = 3
    min_insync_replicas: Annotated[int, Field(ge=1, le=9)] = 2
    max_message_bytes: Annotated[int, Field(ge=1024, le=1 << 30)] = 16 * 1024 * 1024


class TopicPart(_Part):
    """One entry of the list."""

    doc: Annotated[str, StringConstraints(min_length=1)]
    record: RecordName
    key: Annotated[str, StringConstraints(min_length=1)]
    partitions: Partitions | SameAs | None = None
    cleanup: Cleanup
    retention: Annotated[int, BeforeValidator(retention_ms)]
    expires: Annotated[int, BeforeValidator(retention_ms)] | None = None
    pii: Literal["none", "sealed"]
    producers: Annotated[tuple[Workload, ...], Field(min_length=1)]
    consumers: dict[Workload, ConsumerPart] = {}
    tables: tuple[Workload, ...] = ()

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if self.pii == "sealed" and self.cleanup is Cleanup.COMPACT:
            raise ValueError("a topic with personal data is never compacted: it must grow old")
        if self.expires is not None and self.cleanup is not Cleanup.COMPACT:
            raise ValueError("only a compacted topic expires; another has its retention")
        if self.tables and self.cleanup is not Cleanup.COMPACT:
            raise ValueError("only a compacted topic can be read as a table")
        if self.consumers and self.cleanup is Cleanup.COMPACT:
            raise ValueError("a compacted topic is read as a table, not by a consumer group")
        return self


class Document(_Part):
    """The whole file."""

    defaults: DefaultsPart = DefaultsPart()
    sources: dict[Workload, SourcePart] = {}
    topics: Annotated[dict[TopicName, TopicPart], Field(min_length=1)]


def read(path: Path) -> tuple[Document, Lines]:
    """Read the file, and remember on which line each part begins.

    :raises ConfigurationError: names file and line of everything that is wrong.
    """
    content, lines = _parse(path)
    try:
        return Document.model_validate(content), lines
    except ValidationError as error:
        raise ConfigurationError(
            Problem(
                where=place(path, lines, _without_marks(detail["loc"])),
                what=f"{'.'.join(map(str, detail['loc'])) or 'the file'}: {detail['msg']}",
                remedy="correct the line; the head of schemas/topics.yaml explains each word",
            )
            for detail in error.errors(include_url=False)
        ) from None


def place(path: Path, lines: Lines, part: Place) -> str:
    """Return file and line of a part, or of the nearest part around it."""
    while part and part not in lines:
        part = part[:-1]
    return f"{path}:{lines.get(part, 1)}"


def _parse(path: Path) -> tuple[Any, Lines]:
    try:
        text = path.read_text(encoding="utf-8")
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        lines: dict[Place, int] = {}
        _note_lines(root, (), lines, path)
        return yaml.safe_load(text), lines
    except OSError as error:
        raise ConfigurationError(
            [Problem(str(path), f"cannot be read: {error.strerror}", "name the list of topics")]
        ) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigurationError(
            [Problem(f"{path}:{line}", f"is not YAML: {error.problem}", "correct the line")]
        ) from error


def _note_lines(node: yaml.Node | None, at: Place, lines: dict[Place, int], path: Path) -> None:
    if isinstance(node, yaml.SequenceNode):
        for index, child in enumerate(node.value):
            lines[*at, index] = child.start_mark.line + 1
            _note_lines(child, (*at, index), lines, path)
    if not isinstance(node, yaml.MappingNode):
        return
    for key, child in node.value:
        here = (*at, key.value)
        line = key.start_mark.line + 1
        if here in lines:
            # YAML lets the last one win in silence: a whole topic could vanish that way.
            raise ConfigurationError(
                [
                    Problem(
                        f"{path}:{line}",
                        f"{key.value} stands twice, first on line {lines[here]}",
                        "remove one of the two",
                    )
                ]
            )
        lines[here] = line
        _note_lines(child, here, lines, path)


def _without_marks(location: Place) -> Place:
    """Drop what pydantic adds to a location: ``[key]`` and the names of union branches."""
    return tuple(part for part in location if part not in {"[key]", "int", "SameAs"})

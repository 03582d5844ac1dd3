"""YAML files for people: read, checked, and refused with file, line and remedy."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Generic, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from isthmus.ops.configuration import ConfigurationError, Problem

DOCUMENT_BYTES_MAX: Final = 1024 * 1024
_MERGE: Final = "tag:yaml.org,2002:merge"


class Section(BaseModel):
    """A part of a document: frozen, and a name that is not known is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Document(Generic[M]):
    """What a file says, and the sha256 of its bytes in hex."""

    content: M
    sha256: str


def read_document(path: Path, kind: type[M]) -> Document[M]:
    """Read a YAML file.

    :raises ConfigurationError: naming file and line of everything that is wrong.
    """
    raw = _bytes(path)
    try:
        root, data = _parsed(raw)
        repeated = list(_repeated_names(path, root))
    except yaml.MarkedYAMLError as error:
        raise ConfigurationError([_not_yaml(path, error)]) from None
    except (yaml.YAMLError, RecursionError, ValueError):
        what, remedy = "is not YAML", "write it as UTF-8 text in YAML"
        raise ConfigurationError([Problem(str(path), what, remedy)]) from None
    return Document(_checked(path, root, data, kind, repeated), hashlib.sha256(raw).hexdigest())


def _parsed(raw: bytes) -> tuple[yaml.Node | None, object]:
    loader = yaml.SafeLoader(raw)
    try:
        root = loader.get_single_node()
        return root, None if root is None else loader.construct_document(root)
    finally:
        loader.dispose()


def _checked(
    path: Path, root: yaml.Node | None, data: object, kind: type[M], repeated: list[Problem]
) -> M:
    try:
        content = kind.model_validate(data)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False, include_context=False)
        problems = [_problem(path, root, one) for one in details]
        # Not chained: pydantic's text is for programmers.
        raise ConfigurationError([*repeated, *problems]) from None
    if repeated:
        raise ConfigurationError(repeated)
    return content


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            raw = file.read(DOCUMENT_BYTES_MAX + 1)
    except OSError as error:
        what = f"cannot be read ({error.strerror})"
        raise ConfigurationError([Problem(str(path), what, "put the file there")]) from None
    if len(raw) > DOCUMENT_BYTES_MAX:
        what = f"is larger than {DOCUMENT_BYTES_MAX} bytes"
        raise ConfigurationError([Problem(str(path), what, "name the right file")])
    return raw


def _not_yaml(path: Path, error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    where = str(path) if mark is None else f"{path}:{mark.line + 1}"
    return Problem(where, f"is not YAML: {error.problem}", "mend the line or the one above it")


def _problem(path: Path, root: yaml.Node | None, details: ErrorDetails) -> Problem:
    loc = details["loc"]
    place = ".".join(str(part) for part in loc)
    told = details["msg"].removeprefix("Value error, ")
    what, remedy = {
        "missing": ("is missing", "add it"),
        "extra_forbidden": ("is not known here", "remove it, or mend its spelling"),
        # A number in YAML loses its leading zeros: ids and SKUs are texts.
        "string_type": ("is not a text", "put it in quotes"),
    }.get(details["type"], (told, "set it right"))
    return Problem(f"{path}:{_line(root, loc)}", f"{place} {what}".strip(), remedy)


def _line(root: yaml.Node | None, loc: tuple[int | str, ...]) -> int:
    """Return the line of a place, or of what it should stand in."""
    line, node = 1, root
    for part in loc:
        found = _child(node, part)
        if found is None:
            break
        line, node = found
    return line


def _child(node: yaml.Node | None, part: int | str) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        child = node.value[part]
        return child.start_mark.line + 1, child
    if isinstance(node, yaml.MappingNode):
        for name, child in node.value:
            if name.value == str(part):
                return name.start_mark.line + 1, child
    return None


def _repeated_names(path: Path, node: yaml.Node | None) -> Iterator[Problem]:
    """Yield the names that stand twice in one mapping: YAML would let the last one win."""
    if isinstance(node, yaml.SequenceNode):
        for child in node.value:
            yield from _repeated_names(path, child)
    if isinstance(node, yaml.MappingNode):
        first: dict[str, int] = {}
        for name, child in node.value:
            line = name.start_mark.line + 1
            if name.tag != _MERGE and (known := first.get(str(name.value))):
                what = f"{name.value} stands here and in line {known}"
                yield Problem(f"{path}:{line}", what, "keep one of the two")
            first[str(name.value)] = line
            yield from _repeated_names(path, child)

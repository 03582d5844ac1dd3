"""The Markdown files of the project, and what a test wants to know of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[3]

FENCE: Final = re.compile(
    r"^(?P<ticks>`{3,})(?P<info>[^\n`]*)\n(?P<text>.*?)^(?P=ticks)$", re.M | re.S
)
SPAN: Final = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
LINK: Final = re.compile(r"!?\[[^\]\n]*\]\(\s*<?([^)\s>]+)>?[^)]*\)")
HEADING: Final = re.compile(r"^#{1,6} +(.+?) *#*$", re.M)
COMMENT: Final = re.compile(r"<!--.*?-->", re.S)


@dataclass(frozen=True)
class Fence:
    """A block of code.

    :param language: the first word behind the ticks.
    :param attributes: the ``name=value`` words behind it.
    """

    language: str
    attributes: dict[str, str]
    text: str


@dataclass(frozen=True)
class Document:
    """One file."""

    path: Path
    text: str

    @property
    def name(self) -> str:
        """Return the path in the project."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def fences(self) -> list[Fence]:
        """Return the blocks of code."""
        return [_fence(match) for match in FENCE.finditer(self.text)]

    @property
    def prose(self) -> str:
        """Return what is neither in a block of code nor a comment."""
        return COMMENT.sub("", FENCE.sub("", self.text))

    @property
    def spans(self) -> list[str]:
        """Return the code within sentences and tables."""
        return SPAN.findall(self.prose)

    @property
    def links(self) -> list[str]:
        """Return the targets of links."""
        return LINK.findall(SPAN.sub("", self.prose))

    @property
    def anchors(self) -> set[str]:
        """Return what a link to this file may name behind ``#``, by GitHub's rule."""
        seen: dict[str, int] = {}
        return {_counted(_slug(title), seen) for title in HEADING.findall(self.prose)}

    @property
    def code(self) -> Iterator[str]:
        """Yield the lines of code in blocks and in sentences."""
        for fence in self.fences:
            yield from fence.text.splitlines()
        yield from self.spans


@cache
def documents() -> tuple[Document, ...]:
    """Read every Markdown file of the project."""
    paths = sorted(
        path
        for path in ROOT.rglob("*.md")
        if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
    )
    return tuple(document(path) for path in paths)


def document(path: Path) -> Document:
    """Read one file."""
    return Document(path, path.read_text(encoding="utf-8"))


def _fence(match: re.Match[str]) -> Fence:
    language, *words = match["info"].split() or [""]
    pairs = (word.partition("=") for word in words)
    return Fence(language, {name: value for name, _, value in pairs}, match["text"])


def _slug(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def _counted(slug: str, seen: dict[str, int]) -> str:
    seen[slug] = seen.get(slug, -1) + 1
    return f"{slug}-{seen[slug]}" if seen[slug] else slug

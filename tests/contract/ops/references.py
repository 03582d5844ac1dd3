"""Which names of declarations the programs use, read from their source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[3]

# Where settings are declared and held against each other: that is no use of them.
DECLARING: Final = ("ops/settings.py", "ops/limits.py", "ops/kafka_settings.py")


@cache
def uses() -> frozenset[tuple[str, str]]:
    """Return each attribute that a program reads, and the last word of what it is read from.

    ``self.settings.limits.drain_s`` is ``("limits", "drain_s")``; of what a call returns, the word
    is that of its first argument, or of the call itself: ``load(ToolSettings).kafka`` is
    ``("ToolSettings", "kafka")``.
    """
    return frozenset(
        use
        for path in sorted(ROOT.glob("services/*/src/**/*.py"))
        if not str(path).endswith(DECLARING)
        for use in uses_in(path)
    )


def uses_in(path: Path) -> frozenset[tuple[str, str]]:
    """Return those of one file."""
    return frozenset(_of(ast.parse(path.read_text(encoding="utf-8"))))


@cache
def words_of(kind: str) -> frozenset[str]:
    """Return what arguments and fields of a class are called."""
    return frozenset(
        name
        for path in sorted(ROOT.glob("services/*/src/**/*.py"))
        for name, annotation in _annotated(ast.parse(path.read_text(encoding="utf-8")))
        if ast.unparse(annotation) == kind
    )


def _annotated(tree: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and node.annotation is not None:
            yield node.arg, node.annotation
        if isinstance(node, ast.AnnAssign):
            yield _word(node.target), node.annotation


def _of(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield _word(node.value), node.attr


def _word(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        return _word(node.args[0] if node.args else node.func)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""

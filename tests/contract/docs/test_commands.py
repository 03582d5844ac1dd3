from __future__ import annotations

import re
import shlex
from functools import cache
from importlib.metadata import entry_points
from importlib.util import find_spec

import pytest
import typer.main
from typer.core import TyperGroup

from isthmus.cli import app

from .markdown import ROOT, Document, documents

TARGET = re.compile(r"^([a-z-]+):.*## .*\n((?:\t.*\n)*)", re.M)
MODULE = re.compile(r"python -m ([\w.]+)")
OPERATORS = {"&", "&&", "|", ";", ">", "2>&1", ")"}


def make_targets() -> set[str]:
    """Return what the Makefile offers and what there is a program for."""
    found = TARGET.findall((ROOT / "Makefile").read_text(encoding="utf-8"))
    return {name for name, recipe in found if all(map(_is_there, MODULE.findall(recipe)))}


@cache
def isthmusctl() -> TyperGroup:
    """Return the command line with the commands of the services."""
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    for entry in entry_points(group="isthmus.commands"):
        single = typer.Typer()
        single.command(entry.name)(entry.load())
        group.add_command(typer.main.get_command(single), entry.name)
    return group


def unknown_commands(page: Document) -> list[str]:
    """Return the commands of a page that nobody could run."""
    lines = [words(line) for line in page.code]
    return [
        *(" ".join(one) for one in calls(lines, "make") if _is_unknown_target(one)),
        *(" ".join(one) for one in calls(lines, "isthmusctl") if _is_unknown_command(one)),
        *(" ".join(one) for one in calls(lines, "-m") if _is_unknown_module(one, page)),
    ]


def words(line: str) -> list[str]:
    """Split a line as a shell does; what is no shell has no words."""
    try:
        return shlex.split(line.replace("$(", " "), comments=True)
    except ValueError:
        return []


def calls(lines: list[list[str]], program: str) -> list[list[str]]:
    """Return the words behind a program, up to the end of its command."""
    found = []
    for line in lines:
        for place, word in enumerate(line):
            if word.rpartition("/")[2] == program:
                rest = line[place + 1 :]
                end = next((n for n, one in enumerate(rest) if one in OPERATORS), len(rest))
                found.append([program, *(one.rstrip(";)") for one in rest[:end])])
    return found


def _is_unknown_target(call: list[str]) -> bool:
    targets = [word for word in call[1:] if "=" not in word and not word.startswith("-")]
    return bool(set(targets) - make_targets())


def _is_unknown_command(call: list[str]) -> bool:
    commands, rest, options = isthmusctl().commands, call[1:], {"--help"}
    while commands and rest and rest[0][0].isalpha():
        command = commands.get(rest[0])
        if command is None:
            return True
        commands, rest = getattr(command, "commands", {}), rest[1:]
        options |= {name for one in command.params for name in one.opts}
    given = {word.partition("=")[0] for word in rest if word.startswith("--")}
    return bool(given - options)


def _is_unknown_module(call: list[str], page: Document) -> bool:
    name = call[1] if len(call) > 1 else ""
    made_here = any(f"/{name}/" in fence.attributes.get("path", "") for fence in page.fences)
    if made_here or not name.startswith(("isthmus", "tests")):
        return False
    return not _is_there(name)


def _is_there(module: str) -> bool:
    """Tell whether ``python -m`` would find it; a package needs a ``__main__``."""
    try:
        spec = find_spec(module)
        is_package = spec is not None and spec.submodule_search_locations is not None
        return find_spec(f"{module}.__main__") is not None if is_package else spec is not None
    except ModuleNotFoundError:
        return False


class TestEveryPage:
    @pytest.mark.parametrize("page", documents(), ids=lambda page: page.name)
    def test_names_only_commands_that_exist(self, page: Document) -> None:
        assert unknown_commands(page) == []


class TestTheCheck:
    @pytest.mark.parametrize(
        "planted",
        [
            "make nonsense",
            "isthmusctl nonsense",
            "isthmusctl dlq nonsense",
            "isthmusctl dlq list --nonsense",
            "-m isthmus.nonsense",
        ],
    )
    def test_finds_a_planted_unknown_command(self, planted: str) -> None:
        text = f"Run `{planted}`, or `.venv/bin/isthmusctl dlq list --topic=a --group=b`."

        assert unknown_commands(Document(ROOT / "planted.md", text)) == [planted]

    def test_knows_targets_and_commands(self) -> None:
        assert {"test", "check", "demo"} <= make_targets()
        assert {"dlq", "kafka", "pause", "resume"} <= set(isthmusctl().commands)

"""A setting that nothing reads promises what it does not keep."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import Field

from isthmus.kafka.local.settings import EmbeddedSettings
from isthmus.ops.environment import Settings, pieces
from isthmus.ops.sealing import SealingSettings
from isthmus.ops.settings import LocalKafkaSettings, WorkerSettings

from .references import DECLARING, ROOT, uses, uses_in, words_of

Group = tuple[str, type[Settings]]

PROGRAMS: tuple[type[Settings], ...] = (
    WorkerSettings,
    LocalKafkaSettings,
    EmbeddedSettings,
    SealingSettings,
)


def groups(
    settings: type[Settings], word: str = "settings"
) -> Iterator[tuple[str, type[Settings]]]:
    """Yield a class of settings and its parts, each with the word by which it is known in code."""
    yield word, settings
    for name, part in pieces(settings):
        yield from groups(part, name)


def of_services() -> Iterator[type[Settings]]:
    """Yield the settings that services add."""
    for path in sorted(ROOT.glob("services/*/src/isthmus_*/settings.py")):
        for value in vars(importlib.import_module(f"{path.parent.name}.settings")).values():
            if isinstance(value, type) and issubclass(value, WorkerSettings):
                yield value


def unread(word: str, settings: type[Settings]) -> set[str]:
    """Return the fields that no program reads from settings of this word or class."""
    parts = {name for name, _ in pieces(settings)}
    words = {word, "settings", settings.__name__} | words_of(settings.__name__)
    read = {name for by, name in uses() if by in words}
    return set(settings.model_fields) - parts - read - read_by_itself(settings)


def read_by_itself(settings: type[Settings]) -> set[str]:
    """Return what the methods of a class read of it, unless all they do is to check it."""
    file = Path(inspect.getfile(settings))
    if str(file).endswith(DECLARING):
        return set()
    return {name for by, name in uses_in(file) if by == "self"}


ALL = sorted(
    {(word, part) for program in (*PROGRAMS, *of_services()) for word, part in groups(program)},
    key=str,
)


class TestEverySetting:
    @pytest.mark.parametrize(("word", "settings"), ALL, ids=str)
    def test_is_read_by_a_program(self, word: str, settings: type[Settings]) -> None:
        assert unread(word, settings) == set()


class TestTheCheck:
    def test_finds_a_planted_setting_without_effect(self) -> None:
        class Planted(Settings):
            drain_s: float = Field(default=1)
            nonsense_s: float = Field(default=1)

        assert unread("limits", Planted) == {"nonsense_s"}

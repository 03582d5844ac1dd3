"""An environment without the variables of the machine, and logging put back as it was."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
import structlog

from isthmus.ops.environment import Settings, pieces, variable
from isthmus.ops.logs import LIBRARY_LEVELS
from isthmus.ops.settings import LocalKafkaSettings, WorkerSettings


def variables(settings: type[Settings]) -> Iterator[str]:
    groups = dict(pieces(settings))
    for field in settings.model_fields:
        if field in groups:
            yield from variables(groups[field])
        else:
            yield variable(settings, field)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for kind in (WorkerSettings, LocalKafkaSettings):
        for name in variables(kind):
            monkeypatch.delenv(name, raising=False)
            monkeypatch.delenv(f"{name}_FILE", raising=False)
    return monkeypatch


@pytest.fixture
def restored_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    levels = {name: logging.getLogger(name).level for name in LIBRARY_LEVELS}
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, former in levels.items():
        logging.getLogger(name).setLevel(former)

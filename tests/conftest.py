"""The session's own Kafka and schema registry: real ones, started when the first test asks."""

from __future__ import annotations

import contextlib
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from isthmus.kafka.local import (
    KafkaCluster,
    LocalKafkaUnavailable,
    Registry,
    running_kafka,
    running_registry,
)
from isthmus.kafka.local.jars import fetched, locked_files, missing
from isthmus.kafka.local.settings import EmbeddedSettings
from isthmus.ops.settings import LocalKafkaSettings, load

REAL = ("kafka", "registry")
REPORT = "report"


@pytest.fixture(scope="session")
def kafka(request: pytest.FixtureRequest) -> Iterator[KafkaCluster]:
    """Give the one Kafka of the session; a test that kills brokers starts its own."""
    started = time.monotonic()
    with running_kafka(mode=load(LocalKafkaSettings).mode) as cluster:
        _tell(request.config, cluster.description, started)
        yield cluster


@pytest.fixture(scope="session")
def registry(request: pytest.FixtureRequest) -> Iterator[Registry]:
    """Give the one schema registry of the session."""
    started = time.monotonic()
    with running_registry() as running:
        _tell(request.config, running.description, started)
        yield running


@pytest.fixture
def unique() -> str:
    """Give a word that no other test has, for the names of topics, groups and subjects."""
    return secrets.token_hex(4)


@pytest.fixture
def report(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Take a text to show at the end of the session, whatever process the test ran in."""
    return lambda text: record_property(REPORT, text)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what tests had to report."""
    for outcome in ("passed", "failed"):
        for done in terminalreporter.getreports(outcome):
            for name, text in done.user_properties:
                if name == REPORT:
                    terminalreporter.section(done.nodeid)
                    terminalreporter.write_line(str(text))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests by the real things they use; begin with the longest."""
    patience = Counter({item.path: 0 for item in items})
    for item in items:
        patience[item.path] = max(patience[item.path], _patience(item))
    items.sort(key=lambda item: -patience[item.path])
    for item in items:
        for name in _real_things(item):
            item.add_marker(name)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Download what is missing now, so that no test's time-out counts it."""
    wanted = {name for item in session.items for name in _real_things(item)}
    if load(LocalKafkaSettings).mode != "embedded":
        wanted.discard("kafka")
    if session.config.option.collectonly:
        wanted.clear()
    settings = load(EmbeddedSettings)
    for bundle in sorted(wanted):
        if absent := missing(locked_files(bundle), settings=settings):
            _say(session.config, f"fetching {len(absent)} file(s) of the local {bundle}, once")
            # What cannot be had fails the tests that ask for it, not the session.
            with contextlib.suppress(LocalKafkaUnavailable):
                fetched(absent, settings=settings)


def _patience(item: pytest.Item) -> int:
    marker = item.get_closest_marker("timeout")
    return marker.args[0] if marker else 0


def _real_things(item: pytest.Item) -> list[str]:
    asked = {*getattr(item, "fixturenames", ()), *(mark.name for mark in item.iter_markers())}
    return [name for name in REAL if name in asked]


def _tell(config: pytest.Config, description: str, started: float) -> None:
    _say(config, f"{description}: up after {time.monotonic() - started:.1f} s")


def _say(config: pytest.Config, line: str) -> None:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    capture = config.pluginmanager.get_plugin("capturemanager")
    if reporter is not None and capture is not None:
        with capture.global_and_fixture_disabled():
            reporter.ensure_newline()
            reporter.write_line(line)

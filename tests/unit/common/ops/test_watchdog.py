"""What every thread is doing, in the log."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from isthmus.ops.watchdog import dump_stacks, read_stacks

THREAD = "handler-7"


class Stuck:
    def __init__(self) -> None:
        self.started = threading.Event()
        self.released = threading.Event()

    def wait_for_ever(self) -> None:
        self.started.set()
        self.released.wait(60)


@pytest.fixture(autouse=True)
def stuck() -> Iterator[Stuck]:
    stuck = Stuck()
    thread = threading.Thread(target=stuck.wait_for_ever, name=THREAD, daemon=True)
    thread.start()
    stuck.started.wait(10)
    yield stuck
    stuck.released.set()
    thread.join(10)


class TestReadStacks:
    def test_names_each_thread_and_where_it_is(self) -> None:
        stacks = dict(read_stacks())

        assert "wait_for_ever" in stacks[THREAD]
        assert "read_stacks" in stacks["MainThread"]


class TestDumpStacks:
    def test_logs_each_thread_with_the_reason(self) -> None:
        with capture_logs() as events:
            dump_stacks("no commit for 120 s")

        [event] = [event for event in events if event["thread"] == THREAD]
        assert event["event"] == "stack.dumped"
        assert event["log_level"] == "critical"
        assert event["reason"] == "no commit for 120 s"
        assert "wait_for_ever" in event["stack"]

    def test_falls_back_to_stderr_when_there_is_no_room(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        with monkeypatch.context() as full_disk, capture_logs() as events:
            full_disk.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
            dump_stacks("full disk")

        assert events == []
        assert "wait_for_ever" in capfd.readouterr().err

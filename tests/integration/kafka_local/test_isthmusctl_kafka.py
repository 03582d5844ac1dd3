from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from typer.testing import CliRunner, Result

from isthmus.cli.kafka import app
from isthmus.kafka.local.watcher import started

from .records import create_topic, write

pytestmark = [pytest.mark.kafka, pytest.mark.crash]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ISTHMUS_KAFKA_MODE", "embedded")
    monkeypatch.setenv("COLUMNS", "300")
    yield tmp_path
    isthmusctl("down")


def isthmusctl(*words: str) -> Result:
    return CliRunner().invoke(app, words, catch_exceptions=False)


class TestIsthmusctlKafka:
    def test_goes_up_once_shows_itself_and_goes_down_once(self, folder: Path, unique: str) -> None:
        first, second = isthmusctl("up"), isthmusctl("up")
        address = first.stdout.strip()
        create_topic(address, unique)
        write(address, unique, [b"it works"])
        status, logs, more = isthmusctl("status"), isthmusctl("logs"), isthmusctl("up", "--nodes=3")
        run = json.loads((folder / ".run" / "kafka.json").read_text())
        down, again = isthmusctl("down"), isthmusctl("down")
        after = isthmusctl("status")

        assert second.stdout.strip() == address
        assert status.exit_code == 0
        assert "up" in status.stdout
        assert address in status.stdout
        assert "node-1 | " in logs.stdout
        assert "Kafka Server started" in logs.stdout
        assert more.exit_code == 69
        assert "Remedy: isthmusctl kafka down, then up again" in more.stderr
        assert (down.exit_code, again.exit_code) == (0, 0)
        assert "no Kafka was up" in again.stderr
        assert after.exit_code == 3
        assert not Path(run["folder"]).exists()
        assert all(_is_gone(one["pid"]) for one in run["processes"])

    def test_tells_when_a_broker_has_died_and_starts_anew(self, folder: Path) -> None:
        isthmusctl("up")
        run = json.loads((folder / ".run" / "kafka.json").read_text())
        _controller, broker = (psutil.Process(one["pid"]) for one in run["processes"])
        broker.kill()
        psutil.wait_procs([broker], timeout=5)

        status = isthmusctl("status")
        up = isthmusctl("up")

        assert status.exit_code == 3
        assert up.exit_code == 0
        assert isthmusctl("status").exit_code == 0

    def test_tells_when_the_controller_has_died(self, folder: Path) -> None:
        isthmusctl("up")
        run = json.loads((folder / ".run" / "kafka.json").read_text())
        controller, _broker = (psutil.Process(one["pid"]) for one in run["processes"])
        controller.kill()
        psutil.wait_procs([controller], timeout=5)

        status = isthmusctl("status")
        up = isthmusctl("up")

        assert status.exit_code == 1
        assert "Remedy: isthmusctl kafka down, then up again" in up.stderr

    def test_ends_no_process_that_only_has_the_number_of_its_own(self, folder: Path) -> None:
        with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as foreign:
            same_number = started(foreign.pid, marker="server.properties")
            earlier = started(foreign.pid, marker="input()")
            _plant(folder, [same_number.pid, same_number.at, same_number.marker])
            isthmusctl("down")
            _plant(folder, [earlier.pid, earlier.at - 3600, earlier.marker])
            isthmusctl("down")
            survived = foreign.poll() is None
            _plant(folder, [earlier.pid, earlier.at, earlier.marker])
            isthmusctl("down")
            foreign.wait(10)

        assert survived
        assert foreign.returncode != 0

    def test_says_that_a_given_kafka_is_not_its_to_start(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ISTHMUS_KAFKA_MODE", "kafka.example:9092")

        up = isthmusctl("up")

        assert up.exit_code == 69
        assert "names a Kafka that runs already" in up.stderr
        assert not (folder / ".run" / "kafka.json").exists()


def _plant(folder: Path, process: list[object]) -> None:
    run = {
        "bootstrap_servers": "127.0.0.1:1",
        "nodes": 1,
        "description": "planted",
        "processes": [dict(zip(("pid", "at", "marker"), process, strict=True))],
    }
    (folder / ".run").mkdir(exist_ok=True)
    (folder / ".run" / "kafka.json").write_text(json.dumps(run))


def _is_gone(pid: int, *, within_s: float = 20) -> bool:
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.1)
    return False

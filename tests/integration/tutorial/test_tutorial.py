from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from isthmus.kafka.local import KafkaCluster
from tests.contract.docs.markdown import ROOT, Fence, document

from .edits import edited

TUTORIAL = ROOT / "docs" / "tutorial.md"
COPIED = (
    "Makefile",
    "docs",
    "pyproject.toml",
    "schemas",
    "services",
    "tests/__init__.py",
    "tests/conftest.py",
    "tests/contract/__init__.py",
    "tests/contract/docs",
    "tests/unit/__init__.py",
)
SOURCES = ("services/common/src", "services/pick-list/src")
RUN_TIMEOUT_S = 100


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Copy what the tutorial changes or runs."""
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for name in COPIED:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    return tmp_path


@pytest.fixture
def environment(checkout: Path, kafka: KafkaCluster, unique: str) -> dict[str, str]:
    """Give what the shell of a reader has, and topics of our own."""
    return {
        "PATH": os.defpath,
        "PYTHONPATH": os.pathsep.join(str(checkout / source) for source in SOURCES),
        "PYTHONDONTWRITEBYTECODE": "1",
        "COLUMNS": "250",
        "ISTHMUS_KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
        "ISTHMUS_TOPIC_PREFIX": f"{unique}.",
    }


def run(script: str, *, folder: Path, environment: dict[str, str]) -> str:
    """Run a block as a reader's shell would, and return what it printed."""
    shell = subprocess.Popen(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        printed, _ = shell.communicate(timeout=RUN_TIMEOUT_S)
    finally:
        _end_group(shell)
    assert shell.returncode == 0, f"{script}\n{printed}"
    return printed


def _end_group(shell: subprocess.Popen[str]) -> None:
    """End what the block may have left in the background, and only that."""
    try:
        os.killpg(shell.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    shell.wait()


def follow(fences: Iterator[Fence], *, folder: Path, environment: dict[str, str]) -> list[str]:
    """Do what the page says, in its order; return what its commands printed."""
    printed: list[str] = []
    for fence in fences:
        if name := fence.attributes.get("path"):
            _write(folder / name, fence)
        elif "run" in fence.attributes:
            printed.append(run(fence.text, folder=folder, environment=environment))
        elif "expect" in fence.attributes:
            missing = [line for line in fence.text.splitlines() if line not in printed[-1]]
            assert missing == [], printed[-1]
    return printed


def _write(path: Path, fence: Fence) -> None:
    if fence.language == "diff":
        path.write_text(edited(path.read_text(encoding="utf-8"), fence.text), encoding="utf-8")
        return
    assert not path.exists(), f"{path} is there already: the tutorial must not overwrite it"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(fence.text, encoding="utf-8")


class TestTheTutorial:
    @pytest.mark.timeout(300)
    def test_does_what_it_says(self, checkout: Path, environment: dict[str, str]) -> None:
        printed = follow(iter(document(TUTORIAL).fences), folder=checkout, environment=environment)

        assert len(printed) == 4

    def test_names_each_file_before_it_shows_it(self) -> None:
        page = document(TUTORIAL)
        unnamed = [
            name
            for fence in page.fences
            if (name := fence.attributes.get("path")) and name not in page.spans
        ]

        assert unnamed == []

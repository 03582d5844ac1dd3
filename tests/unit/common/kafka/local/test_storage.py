from __future__ import annotations

import base64
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from isthmus.kafka.local.storage import META, format_storage, is_in_use, kafka_uuid


def a_formatted_folder(path: Path) -> Path:
    path.mkdir()
    (path / META).write_text("#\nversion=1\ncluster.id=C\nnode.id=1\ndirectory.id=D\n")
    (path / "bootstrap.checkpoint").write_bytes(b"features")
    return path


def pairs(folder: Path) -> dict[str, str]:
    return dict(line.split("=") for line in (folder / META).read_text().splitlines())


class TestKafkaUuid:
    def test_is_sixteen_bytes_in_22_characters_and_no_option(self) -> None:
        found = [kafka_uuid() for _ in range(200)]

        assert all(len(base64.urlsafe_b64decode(f"{one}==")) == 16 for one in found)
        assert not any("-" in one for one in found)
        assert len(set(found)) == 200


class TestFormatStorage:
    def test_formats_the_brokers_after_the_controller_without_java(self, tmp_path: Path) -> None:
        controller = tmp_path / "controller"
        nodes = {1: tmp_path / "1", 2: tmp_path / "2"}
        runs: list[Sequence[str]] = []

        def tool(arguments: Sequence[str]) -> None:
            runs.append(arguments)
            a_formatted_folder(controller)

        format_storage(controller, nodes, run_tool=tool)

        first, second = pairs(nodes[1]), pairs(nodes[2])
        assert [run[:2] for run in runs] == [["kafka.tools.StorageTool", "format"]]
        assert first["cluster.id"] == second["cluster.id"] == "C"
        assert (first["node.id"], second["node.id"]) == ("1", "2")
        assert len({"D", first["directory.id"], second["directory.id"]}) == 3
        assert (nodes[2] / "bootstrap.checkpoint").read_bytes() == b"features"

    def test_leaves_formatted_folders_alone(self, tmp_path: Path) -> None:
        controller = a_formatted_folder(tmp_path / "controller")
        node = a_formatted_folder(tmp_path / "1")

        format_storage(controller, {1: node}, run_tool=lambda _: pytest.fail("the tool ran"))

        assert "directory.id=D" in (node / META).read_text()


class TestIsInUse:
    def test_tells_whether_another_process_holds_the_lock(self, tmp_path: Path) -> None:
        before = is_in_use(tmp_path)
        lock = tmp_path / ".lock"
        lock.touch()
        free = is_in_use(tmp_path)
        holder = "import fcntl, sys; f = open(sys.argv[1], 'a'); fcntl.lockf(f, fcntl.LOCK_EX)"
        with subprocess.Popen(
            [sys.executable, "-c", f"{holder}; print(flush=True); input()", str(lock)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as other:
            assert other.stdout is not None
            other.stdout.readline()
            held = is_in_use(tmp_path)
            other.kill()

        assert (before, free, held) == (False, False, True)

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from isthmus.kafka.local.class_archive import archive_flags
from isthmus.kafka.local.java import Java


class Trainer:
    """Stands for the broker that ends in good order."""

    def __init__(self, archive: bytes) -> None:
        self.runs = 0
        self._archive = archive

    def __call__(self, options: Sequence[str]) -> None:
        self.runs += 1
        if self._archive:
            _, path = options[-1].split("=")
            Path(path).write_bytes(self._archive)


@pytest.fixture
def java(tmp_path: Path) -> Java:
    server = tmp_path / "runtime" / "lib" / "server"
    server.mkdir(parents=True)
    (server / "classes.jsa").touch()
    executable = tmp_path / "runtime" / "bin" / "java"
    executable.parent.mkdir()
    executable.touch()
    return Java(executable, 25)


@pytest.fixture
def jar(tmp_path: Path) -> Path:
    path = tmp_path / "kafka.jar"
    path.write_bytes(b"classes")
    return path


class TestArchiveFlags:
    def test_are_learned_once(self, tmp_path: Path, java: Java, jar: Path) -> None:
        trainer = Trainer(b"learned")

        first = archive_flags(java, [jar], folder=tmp_path, train=trainer)
        second = archive_flags(java, [jar], folder=tmp_path, train=trainer)

        [archive] = tmp_path.glob("kafka-*.jsa")
        assert archive.read_bytes() == b"learned"
        assert first == second == [f"-XX:SharedArchiveFile={archive}"]
        assert trainer.runs == 1

    def test_are_learned_anew_for_other_jars(self, tmp_path: Path, java: Java, jar: Path) -> None:
        trainer = Trainer(b"learned")
        other = tmp_path / "other.jar"
        other.touch()

        archive_flags(java, [jar], folder=tmp_path, train=trainer)
        archive_flags(java, [other], folder=tmp_path, train=trainer)

        assert trainer.runs == 2

    def test_are_none_for_a_java_that_learns_nothing(
        self, tmp_path: Path, java: Java, jar: Path
    ) -> None:
        trainer = Trainer(b"")

        first = archive_flags(java, [jar], folder=tmp_path, train=trainer)
        second = archive_flags(java, [jar], folder=tmp_path, train=trainer)

        assert first == second == []
        assert trainer.runs == 1

    def test_leave_nothing_half_done_when_the_broker_fails(
        self, tmp_path: Path, java: Java, jar: Path
    ) -> None:
        def fail(_: Sequence[str]) -> None:
            raise RuntimeError("no broker")

        with pytest.raises(RuntimeError, match="no broker"):
            archive_flags(java, [jar], folder=tmp_path, train=fail)

        assert not list(tmp_path.glob("*.jsa"))
        assert not list(tmp_path.glob(".training-*"))

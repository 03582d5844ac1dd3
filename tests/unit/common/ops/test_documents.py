"""YAML files, refused with file, line and remedy."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from pydantic import Field

from isthmus.ops.configuration import ConfigurationError, Problem
from isthmus.ops.documents import DOCUMENT_BYTES_MAX, Section, read_document


class Shelf(Section):
    name: str
    places: int = Field(ge=1)


class Store(Section):
    shelves: tuple[Shelf, ...] = ()
    labels: dict[str, str] = Field(default={})


GOOD = """\
shelves:
  - name: left
    places: 3
  - {name: right, places: 4}
labels:
  "007": bond
"""


def problems_of(path: Path) -> tuple[Problem, ...]:
    with pytest.raises(ConfigurationError) as error:
        read_document(path, Store)
    return error.value.problems


def written(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "store.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


class TestDocument:
    def test_holds_the_content_and_the_hash_of_the_bytes(self, tmp_path: Path) -> None:
        document = read_document(written(tmp_path, GOOD), Store)

        assert [shelf.places for shelf in document.content.shelves] == [3, 4]
        assert document.content.labels == {"007": "bond"}
        assert document.sha256 == hashlib.sha256(GOOD.encode()).hexdigest()

    @pytest.mark.parametrize(
        ("wrong", "right", "line", "what"),
        [
            ("places: 3", "places: 0", 3, "shelves.0.places Input should be greater than"),
            ("    places: 3\n", "", 2, "shelves.0.places is missing"),
            ("name: right,", "nam: right,", 4, "shelves.1.name is missing"),
            ('"007": bond', "12: bond", 6, "is not a text"),
            ("labels:", "lables:", 5, "lables is not known here"),
            ("places: 3", "places: 3\n    places: 5", 4, "places stands here and in line 3"),
            ("places: 4", "places: 4, places: 4", 4, "places stands here and in line 4"),
            ("places: 3", "places: [3", 4, "is not YAML: "),
        ],
    )
    def test_is_refused_at_the_line_that_is_wrong(
        self, tmp_path: Path, wrong: str, right: str, line: int, what: str
    ) -> None:
        path = written(tmp_path, GOOD.replace(wrong, right))

        problem = problems_of(path)[0]

        assert problem.where == f"{path}:{line}"
        assert what in problem.what
        assert problem.remedy

    def test_tells_all_that_is_wrong_at_once(self, tmp_path: Path) -> None:
        text = GOOD.replace("places: 3", "places: x").replace("places: 4", "places: y")

        assert len(problems_of(written(tmp_path, text))) == 2

    @pytest.mark.parametrize(
        "raw",
        [
            pytest.param(b"\xff\xfe\xff", id="not text"),
            pytest.param(b"a: \x00", id="control characters"),
            pytest.param(b"[" * 5000, id="brackets"),
            pytest.param(b"shelves: !!python/object:os.system {}", id="code"),
            pytest.param(b"- 1\n", id="a list"),
            pytest.param(b"", id="nothing"),
            pytest.param(b"a" * (DOCUMENT_BYTES_MAX + 1), id="too large"),
        ],
    )
    def test_is_refused_when_it_is_no_such_document(self, tmp_path: Path, raw: bytes) -> None:
        path = written(tmp_path, raw)

        assert all(problem.where.startswith(str(path)) for problem in problems_of(path))

    def test_is_refused_when_it_is_not_there(self, tmp_path: Path) -> None:
        [problem] = problems_of(tmp_path / "none.yaml")

        assert problem.what == "cannot be read (No such file or directory)"

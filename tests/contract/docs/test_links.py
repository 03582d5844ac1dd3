from __future__ import annotations

import re
from pathlib import Path

import pytest

from .markdown import ROOT, Document, document, documents

OUTSIDE = ("http://", "https://", "mailto:")
PATH = re.compile(r"[\w.-]+(/[\w.-]+)*/?")
ENDINGS = (".md", ".py", ".yaml", ".yml", ".toml", ".avsc", ".lock", ".json")


def broken_links(page: Document) -> list[str]:
    """Return the links of a page that lead nowhere in the project."""
    return [link for link in page.links if not link.startswith(OUTSIDE) and not _leads(page, link)]


def missing_files(page: Document) -> list[str]:
    """Return what a page names like a file of the project although there is none."""
    named = [span for span in page.spans if PATH.fullmatch(span) and _is_file_name(span)]
    folders = (ROOT, page.path.parent)
    return [name for name in named if not any((one / name).exists() for one in folders)]


def _leads(page: Document, link: str) -> bool:
    name, _, anchor = link.partition("#")
    target = (page.path.parent / name).resolve() if name else page.path
    if not target.exists() or not target.is_relative_to(ROOT):
        return False
    return not anchor or anchor in document(target).anchors


def _is_file_name(span: str) -> bool:
    if span in ENDINGS:
        return False
    return span.endswith(("/", *ENDINGS)) or (ROOT / span.partition("/")[0]).is_dir()


class TestEveryPage:
    @pytest.mark.parametrize("page", documents(), ids=lambda page: page.name)
    def test_has_links_that_lead_somewhere(self, page: Document) -> None:
        assert broken_links(page) == []

    def test_is_found(self) -> None:
        assert {"README.md", "docs/architecture.md"} <= {page.name for page in documents()}


class TestTheFrontPages:
    @pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "schemas/README.md"])
    def test_name_only_files_that_exist(self, name: str) -> None:
        assert missing_files(document(ROOT / name)) == []


class TestTheCheck:
    def test_finds_a_planted_dead_link(self, tmp_path: Path) -> None:
        links = "[a](docs/nowhere.md) [b](README.md#no-such-heading) [c](README.md)"

        assert broken_links(Document(ROOT / "planted.md", links)) == [
            "docs/nowhere.md",
            "README.md#no-such-heading",
        ]

    def test_finds_a_planted_missing_file(self) -> None:
        text = "`docs/nowhere.md`, `docs/adr/`, `amazon.orders`, `make test`"

        assert missing_files(Document(ROOT / "planted.md", text)) == ["docs/nowhere.md"]

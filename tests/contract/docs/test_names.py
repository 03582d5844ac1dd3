from __future__ import annotations

import re

import pytest

from isthmus.kafka import exits, headers

from .markdown import ROOT, Document, document, documents
from .reference import metrics_page, settings_page, topics_page

VARIABLE = re.compile(r"\bISTHMUS_[A-Z0-9_]+\b")
METRIC = re.compile(r"\bisthmus_kafka_[a-z0-9_]+\b")
HEADER = re.compile(re.escape(headers.DLQ) + r"[a-z0-9.]*[a-z0-9]")
EXIT_ROW = re.compile(r"^\| (\d+) \| `([A-Z_]+)` \|", re.M)
EVENT_ROW = re.compile(r"^\| `([a-z]+\.[a-z-]+)` \|", re.M)
DERIVED = re.compile(r"\b[a-z-]+\.[a-z-]+\.[a-z-]+\.(?:retry|dlq|held)\b")

# Of services and of the sandbox, documented where they are read.
ELSEWHERE = ("ISTHMUS_AMAZON_", "ISTHMUS_NETSUITE_")
OPERATIONS = ROOT / "docs" / "operations.md"


def unknown_names(page: Document) -> set[str]:
    """Return settings, metrics and topics that a page names and that are not there."""
    known = settings_page() + metrics_page() + topics_page()
    named = {*VARIABLE.findall(page.text), *METRIC.findall(page.text), *DERIVED.findall(page.text)}
    return {
        name
        for name in named
        if f"`{name.removesuffix('_FILE')}`" not in known and not name.startswith(ELSEWHERE)
    }


class TestEveryPage:
    @pytest.mark.parametrize("page", documents(), ids=lambda page: page.name)
    def test_names_only_settings_metrics_and_topics_that_exist(self, page: Document) -> None:
        assert unknown_names(page) == set()


class TestTheOperationsPage:
    def test_explains_every_exit_code(self) -> None:
        explained = {name: int(code) for code, name in EXIT_ROW.findall(document(OPERATIONS).text)}

        assert explained == {name: value for name, value in vars(exits).items() if name.isupper()}

    def test_names_events_that_are_logged(self) -> None:
        code = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("services/**/*.py"))
        events = EVENT_ROW.findall(document(OPERATIONS).text)

        assert events
        assert [event for event in events if f'"{event}"' not in code] == []

    def test_explains_every_header_of_a_dead_letter(self) -> None:
        written = {
            value
            for value in vars(headers).values()
            if isinstance(value, str) and value.startswith(headers.DLQ) and value != headers.DLQ
        }

        assert set(HEADER.findall(document(OPERATIONS).text)) == written


class TestTheCheck:
    def test_finds_planted_unknown_names(self) -> None:
        text = (
            "ISTHMUS_SLOT ISTHMUS_NONSENSE isthmus_kafka_nonsense isthmus_kafka_parked_keys"
            " amazon.orders.mapper.retry amazon.orders.nobody.retry"
        )

        assert unknown_names(Document(ROOT / "planted.md", text)) == {
            "ISTHMUS_NONSENSE",
            "isthmus_kafka_nonsense",
            "amazon.orders.nobody.retry",
        }

from __future__ import annotations

from pathlib import Path

import pytest

from .reference import COMMAND, FOLDER, ROOT, pages


class TestTheGeneratedPages:
    @pytest.mark.parametrize("path", pages(), ids=lambda path: path.name)
    def test_are_as_the_code_says(self, path: Path) -> None:
        written = path.read_text(encoding="utf-8") if path.exists() else ""

        assert written == pages()[path], f"stale: {path.relative_to(ROOT)}. Remedy: {COMMAND}"

    def test_are_all_that_is_in_their_folder(self) -> None:
        assert set(FOLDER.iterdir()) == set(pages())

    def test_show_a_topic_a_setting_and_a_metric(self) -> None:
        text = "".join(pages().values())

        assert "| `amazon.orders.mapper.retry` |" in text
        assert "| `ISTHMUS_SLOT` |" in text
        assert "| `isthmus_kafka_parked_keys` |" in text

from __future__ import annotations

import pytest

from .edits import DoesNotApply, edited

TEXT = "first:\n  a\n  b\nsecond:\n  a\n  b\n"


class TestEdited:
    def test_changes_what_stands_behind_the_anchor(self) -> None:
        diff = "@@ second:\n   a\n+  new\n-  b\n"

        assert edited(TEXT, diff) == "first:\n  a\n  b\nsecond:\n  a\n  new\n"

    def test_begins_at_the_top_without_an_anchor(self) -> None:
        assert edited(TEXT, "@@\n+zero\n   a\n") == TEXT.replace("  a", "zero\n  a", 1)

    @pytest.mark.parametrize(
        "diff", ["@@ third:\n+  c\n", "@@ a\n+  c\n", "@@ second:\n   c\n+d\n"]
    )
    def test_refuses_what_is_not_there_exactly_once(self, diff: str) -> None:
        with pytest.raises(DoesNotApply):
            edited(TEXT, diff)

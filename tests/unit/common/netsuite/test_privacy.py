"""No buyer's data in error texts."""

from __future__ import annotations

import pytest

from isthmus.netsuite.privacy import STRUCK, struck


class TestStruck:
    @pytest.mark.parametrize(
        "text",
        [
            "Invalid Field Value Zoë Quarterman for the following field: addressee",
            "Invalid Field Value ZOË QUARTERMAN for the field",
            "Too long: Quarterman",
        ],
    )
    def test_leaves_no_name(self, text: str) -> None:
        shown = struck(text, ["Zoë Quarterman", "1 Main St"])

        assert "quarterman" not in shown.lower()
        assert "zoë" not in shown.lower()
        assert STRUCK in shown

    def test_leaves_the_rest_readable(self) -> None:
        shown = struck("USER_ERROR: state NV is not allowed", ["Reno", "NV", "US"])

        assert shown == "USER_ERROR: state NV is not allowed"

    def test_takes_texts_literally(self) -> None:
        assert struck("a.*b stays, (c+d) goes", ["(c+d)"]) == f"a.*b stays, {STRUCK} goes"

    def test_does_nothing_without_private_texts(self) -> None:
        assert struck("as it is", []) == "as it is"

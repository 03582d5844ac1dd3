"""Strikes a buyer's data out of NetSuite's error texts, which quote what they were sent."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from isthmus.core.errors import Rejected, Retryable

STRUCK: Final = "[personal data]"
WORD: Final = re.compile(r"\w+", re.UNICODE)
# Shorter words are states, countries and house numbers: they identify nobody by themselves.
LENGTH_MIN: Final = 3


def strike(error: Rejected | Retryable, private: Collection[str]) -> None:
    """Take these texts, and the longer words of them, out of an error that is on its way up."""
    error.detail = struck(error.detail, private)
    error.args = (error.detail,)


def struck(text: str, private: Collection[str]) -> str:
    """Replace these texts, and each longer word of them, whatever its case."""
    words = {word for one in private for word in WORD.findall(one) if len(word) >= LENGTH_MIN}
    wholes = {one for one in private if len(one) >= LENGTH_MIN}
    if not words and not wholes:
        return text
    # The longest first, or a part would be struck and the rest of the whole would stay.
    choices = "|".join(re.escape(one) for one in sorted(words | wholes, key=len, reverse=True))
    return re.sub(rf"(?<!\w)(?:{choices})(?!\w)", STRUCK, text, flags=re.IGNORECASE)

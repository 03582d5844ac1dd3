"""What the sweep needs of the outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class StaleToken(Exception):
    """Amazon does not know the pagination token any more; only ever said of a token."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a search.

    :param orders: each as Amazon wrote it.
    :param before: the upper bound that Amazon searched up to, when it says so.
    """

    orders: Sequence[bytes]
    next_token: str | None
    before: datetime | None


class OrderPages(Protocol):
    """Amazon's orders, by their last update."""

    def __call__(self, *, account: str, since: datetime, token: str | None) -> Page:
        """Read one page.

        :raises StaleToken: the token is too old; the window has to be read anew.
        :raises Retryable: there is no answer now.
        :raises Rejected: a person has to act.
        """
        ...


class KeepRaw(Protocol):
    """A place for answers that are too large for a letter."""

    def __call__(self, raw: bytes, *, sha256: str) -> str:
        """Keep it, once; return a phrase that says where, or why not."""
        ...

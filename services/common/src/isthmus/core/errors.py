"""The three words by which a handler tells the loop what to do.

Exception
├── Rejected      the record can never succeed: dead letter, the next record goes on
├── Retryable     the outside may recover: the same record again, in order
│   └── Unknown   an effect was tried and its outcome is not known: look before trying again
└── (any other)   a bug: dead letter as well, but under a limit beyond which the process stops
"""

from __future__ import annotations

from typing import Final

DETAIL_LENGTH_MAX: Final = 1000


class Rejected(Exception):
    """The record can never succeed.

    :param detail: a sentence for a person: what is wrong, and what to do. Never buyer data.
    :param reason_class: a short stable word for metrics and grouping, such as ``unknown-sku``.
    :param path: where in the record, such as ``items[2].unit_price.currency``.
    """

    def __init__(self, detail: str, *, reason_class: str = "rejected", path: str = "") -> None:
        super().__init__(detail[:DETAIL_LENGTH_MAX])
        self.detail = detail[:DETAIL_LENGTH_MAX]
        self.reason_class = reason_class
        self.path = path

    def __str__(self) -> str:
        """Show the place before the sentence."""
        return f"{self.path}: {self.detail}" if self.path else self.detail


class Retryable(Exception):
    """The outside may recover: try the same record again, before any later record of its key.

    :param after_s: not before so many seconds, when the outside said so.
    """

    def __init__(
        self, detail: str, *, reason_class: str = "retryable", after_s: float | None = None
    ) -> None:
        super().__init__(detail[:DETAIL_LENGTH_MAX])
        self.detail = detail[:DETAIL_LENGTH_MAX]
        self.reason_class = reason_class
        self.after_s = after_s


class Unknown(Retryable):
    """An effect was tried and nobody knows whether it happened.

    The next attempt is told so (``Attempt.unsure``) and looks before it writes.
    """

    def __init__(
        self, detail: str, *, reason_class: str = "unknown-outcome", after_s: float | None = None
    ) -> None:
        super().__init__(detail, reason_class=reason_class, after_s=after_s)

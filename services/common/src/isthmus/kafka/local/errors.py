"""What is said when a local Kafka cannot be had."""

from __future__ import annotations


class LocalKafkaUnavailable(Exception):
    """The local Kafka or schema registry cannot be had.

    :param what: what is missing, and where.
    :param remedy: what to do about it.
    """

    def __init__(self, what: str, *, remedy: str) -> None:
        super().__init__(what, remedy)
        self.what = what
        self.remedy = remedy

    def __str__(self) -> str:
        """Return one line."""
        return f"{self.what}. Remedy: {self.remedy}"

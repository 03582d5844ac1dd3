"""Bytes of which no record can be made."""

from __future__ import annotations

from enum import StrEnum

from isthmus.core.errors import Rejected


class Cause(StrEnum):
    """Why bytes cannot be decoded; the word is a metric label and a reason class."""

    NULL_VALUE = "null-value"
    BAD_MAGIC = "bad-magic"
    UNKNOWN_SCHEMA = "unknown-schema"
    WRONG_RECORD = "wrong-record"
    TRUNCATED = "truncated"
    TRAILING_BYTES = "trailing-bytes"
    UNREADABLE = "unreadable"
    INVALID_VALUE = "invalid-value"


class Undecodable(Rejected):
    """The bytes are no record of this topic, and will never be one.

    :param place: the byte, or the field such as ``$.items[0].quantity_ordered``.
    """

    def __init__(self, cause: Cause, detail: str, *, place: str = "") -> None:
        super().__init__(detail, reason_class=cause.value, path=place)
        self.cause = cause


class NotRegistered(Undecodable):
    """The registry does not know the schema of the bytes; it may learn it."""

    def __init__(self, schema_id: int) -> None:
        what = f"the registry knows no schema {schema_id}"
        super().__init__(Cause.UNKNOWN_SCHEMA, what, place="byte 1")

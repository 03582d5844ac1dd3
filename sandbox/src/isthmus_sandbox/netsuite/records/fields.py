"""The kinds of field a record has, and the table's own words for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What a field holds."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    MONEY = "money"
    BOOLEAN = "boolean"
    DATE = "date"
    MOMENT = "moment"
    COUNTRY = "country"
    CHOICE = "choice"
    REFERENCE = "reference"
    OBJECT = "object"
    SUBLIST = "sublist"
    READ_ONLY = "read_only"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a record, a line or an address."""

    kind: Kind
    group: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, Field] = field(default_factory=dict)
    length: int = 999


Fields = Mapping[str, Field]


def text(length: int = 999) -> Field:
    """Return a field for text of at most this length."""
    return Field(kind=Kind.TEXT, length=length)


def reference(group: str) -> Field:
    """Return a field that names a record of this group."""
    return Field(kind=Kind.REFERENCE, group=group)


def choice(**choices: str) -> Field:
    """Return a field that takes one of these ids; the value is the name of the id."""
    return Field(kind=Kind.CHOICE, choices={key.removeprefix("_"): v for key, v in choices.items()})


def nested(fields: Fields) -> Field:
    """Return a field that is an object of its own, such as an address."""
    return Field(kind=Kind.OBJECT, fields=fields)


def sublist(fields: Fields) -> Field:
    """Return a field that is a list of lines under `items`."""
    return Field(kind=Kind.SUBLIST, fields=fields)


INTEGER = Field(kind=Kind.INTEGER)
NUMBER = Field(kind=Kind.NUMBER)
MONEY = Field(kind=Kind.MONEY)
BOOLEAN = Field(kind=Kind.BOOLEAN)
DATE = Field(kind=Kind.DATE)
MOMENT = Field(kind=Kind.MOMENT)
COUNTRY = Field(kind=Kind.COUNTRY)
READ_ONLY = Field(kind=Kind.READ_ONLY)

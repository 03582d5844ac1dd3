"""Cuts a query into tokens."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

QUERY_MAX: Final = 100_000


class BadQuery(ValueError):
    """The query is not SuiteQL, or beyond the subset that the sandbox understands."""


class Sort(StrEnum):
    """What a token is."""

    WORD = "word"
    TEXT = "text"
    NUMBER = "number"
    PARAMETER = "parameter"
    SIGN = "sign"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token; `word` is its text in capitals, `value` what a literal or parameter stands for."""

    sort: Sort
    text: str
    value: object = None

    @property
    def word(self) -> str:
        """Return a word in capitals, and nothing for any other token."""
        return self.text.upper() if self.sort is Sort.WORD else ""

    def is_sign(self, sign: str) -> bool:
        """Tell whether the token is this sign."""
        return self.sort is Sort.SIGN and self.text == sign


_TOKEN: Final = re.compile(
    r"\s+"
    r"|(?P<text>'(?:[^']|'')*')"
    r"|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<parameter>\?)"
    r"|(?P<sign><=|>=|<>|!=|\|\||[=<>(),.*+/-])"
)


def tokens_of(query: str, parameters: Sequence[object]) -> list[Token]:
    """Return the tokens of a query, each parameter with its value.

    :raises BadQuery: at a sign that has no place in a query, or when parameters are missing.
    """
    if len(query) > QUERY_MAX:
        raise BadQuery(f"The query is longer than {QUERY_MAX} characters.")
    values = iter(parameters)
    tokens: list[Token] = []
    position = 0
    while position < len(query):
        found = _TOKEN.match(query, position)
        if found is None:
            raise BadQuery(f"Invalid sign {query[position]!r} at position {position}.")
        position = found.end()
        if found.lastgroup is not None:
            tokens.append(_token(Sort(found.lastgroup), found[0], values))
    if next(values, None) is not None:
        raise BadQuery("There are more parameters than question marks.")
    return tokens


def _token(sort: Sort, text: str, values: object) -> Token:
    if sort is Sort.TEXT:
        return Token(sort=sort, text=text, value=text[1:-1].replace("''", "'"))
    if sort is not Sort.PARAMETER:
        return Token(sort=sort, text=text)
    return Token(sort=sort, text=text, value=_next(values))


_END: Final = object()


def _next(values: object) -> object:
    value = next(values, _END)  # type: ignore[call-overload]
    if value is _END:
        raise BadQuery("There are more question marks than parameters.")
    return value

"""From SuiteQL to SQLite: every token is known, or the query is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from isthmus_sandbox.netsuite.suiteql.tokens import BadQuery, Sort, Token, tokens_of

DISPLAY: Final = "__df"
ID_COLUMNS: Final = frozenset({"id", "entity", "item", "location", "subsidiary", "currency"})
DATE_COLUMNS: Final = frozenset({"lastmodifieddate", "createddate", "datecreated", "trandate"})
_CLAUSES: Final = {"SELECT", "DISTINCT", "FROM", "WHERE", "GROUP", "HAVING", "ORDER", "BY", "AS"}
_JOINS: Final = {"JOIN", "INNER", "LEFT", "OUTER", "ON"}
_CONDITIONS: Final = {"AND", "OR", "NOT", "IN", "IS", "NULL", "LIKE", "BETWEEN", "EXISTS"}
_CASES: Final = {"CASE", "WHEN", "THEN", "ELSE", "END"}
_ORDERS: Final = {"ASC", "DESC", "NULLS", "LAST"}
_KEYWORDS: Final = frozenset(_CLAUSES | _JOINS | _CONDITIONS | _CASES | _ORDERS)
_FOREIGN: Final = frozenset(
    {"LIMIT", "OFFSET", "ROWNUM", "CURRENT_DATE", "UNION", "INTERSECT", "EXCEPT", "MINUS", "WITH"}
)
_FUNCTIONS: Final[Mapping[str, str]] = {
    "AVG": "avg",
    "COALESCE": "coalesce",
    "CONCAT": "concat",
    "COUNT": "count",
    "LENGTH": "length",
    "LOWER": "lower",
    "MAX": "max",
    "MIN": "min",
    "NVL": "ifnull",
    "SUBSTR": "substr",
    "SUM": "sum",
    "TO_CHAR": "to_char",
    "TO_DATE": "to_date",
    "TRIM": "trim",
    "UPPER": "upper",
}
_COMPARISONS: Final = frozenset({"=", "<>", "!=", "<", "<=", ">", ">="})
_WHOLE: Final = re.compile(r"-?\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """A query for SQLite, its parameters, and whether it orders its rows."""

    statement: str
    parameters: tuple[object, ...]
    ordered: bool


def translated(query: str, parameters: Sequence[object]) -> Translation:
    """Return the query as SQLite takes it.

    :raises BadQuery: when any part of it is not understood.
    """
    tokens = tokens_of(query, parameters)
    if not tokens or tokens[0].word != "SELECT":
        raise BadQuery("Only SELECT is supported.")
    _check_comparisons(tokens)
    return Translation(
        statement=" ".join(_Writer(tokens).run()),
        parameters=tuple(token.value for token in tokens if token.sort is Sort.PARAMETER),
        ordered=_is_ordered(tokens),
    )


class _Writer:
    """Goes through the tokens once and writes each in SQLite's words."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._at = 0

    def run(self) -> list[str]:
        written = []
        while self._at < len(self._tokens):
            written.append(self._next())
        return written

    def _next(self) -> str:
        token = self._take()
        if token.sort is Sort.WORD:
            return self._word(token)
        if token.sort is Sort.SIGN:
            return self._sign(token)
        return token.text

    def _word(self, token: Token) -> str:
        word = token.word
        if word == "FETCH":
            return self._fetch()
        if word == "BUILTIN":
            return self._display()
        if word == "SYSDATE":
            return "sysdate()"
        if word in _FOREIGN:
            raise BadQuery(f"{word} is not supported.")
        if word in _KEYWORDS:
            return word
        if self._peek("("):
            return self._function(word)
        return _quoted(token)

    def _function(self, word: str) -> str:
        if word not in _FUNCTIONS:
            raise BadQuery(f"Unknown or unsupported function {word}.")
        return _FUNCTIONS[word]

    def _fetch(self) -> str:
        """FETCH FIRST n ROWS ONLY, the only way to take the first rows; it ends the query."""
        words = [self._take() for _ in range(min(4, len(self._tokens) - self._at))]
        forms = ({"FIRST", "NEXT"}, {""}, {"ROW", "ROWS"}, {"ONLY"})
        fits = len(words) == 4 and all(w.word in f for w, f in zip(words, forms, strict=True))
        if not fits or words[1].sort is not Sort.NUMBER or self._at < len(self._tokens):
            raise BadQuery("FETCH FIRST n ROWS ONLY is misspelt, or not at the end.")
        return f"LIMIT {int(words[1].text)}"

    def _display(self) -> str:
        """BUILTIN.DF(column): the views hold the display value beside the column."""
        shape = [self._take().text.upper() for _ in range(min(3, len(self._tokens) - self._at))]
        if shape != [".", "DF", "("]:
            raise BadQuery("Of BUILTIN only BUILTIN.DF(column) is supported.")
        path = []
        while not self._peek(")"):
            path.append(self._take())
        self._take()
        if len(path) not in {1, 3} or path[-1].sort is not Sort.WORD:
            raise BadQuery("BUILTIN.DF takes one column.")
        table = f"{_quoted(path[0])}." if len(path) == 3 else ""
        return f"{table}[{path[-1].text.lower()}{DISPLAY}]"

    def _sign(self, token: Token) -> str:
        if token.text == "*" and not self._is_counted():
            raise BadQuery("Name the columns: * is understood in COUNT(*) alone.")
        if token.text in {"+", "/"} or (token.text == "-" and not self._is_negative()):
            raise BadQuery(f"Arithmetic ({token.text}) is beyond the subset.")
        return token.text

    def _is_counted(self) -> bool:
        return self._before().is_sign("(") and self._peek(")")

    def _is_negative(self) -> bool:
        before = self._before()
        number_follows = self._at < len(self._tokens) and self._now().sort is Sort.NUMBER
        opens = before.sort is Sort.SIGN and before.text != ")"
        return number_follows and (opens or before.word in _KEYWORDS)

    def _before(self) -> Token:
        return self._tokens[self._at - 2]

    def _now(self) -> Token:
        return self._tokens[self._at]

    def _peek(self, sign: str) -> bool:
        return self._at < len(self._tokens) and self._now().is_sign(sign)

    def _take(self) -> Token:
        if self._at >= len(self._tokens):
            raise BadQuery("The query ends too early.")
        self._at += 1
        return self._tokens[self._at - 1]


def _quoted(token: Token) -> str:
    """Brackets, since SQLite takes an unknown name in quotation marks for a text."""
    name = token.text.lower()
    if token.sort is not Sort.WORD or name.endswith(DISPLAY):
        raise BadQuery(f"Field '{name}' was not found.")
    return f"[{name}]"


def _is_ordered(tokens: Sequence[Token]) -> bool:
    depth = 0
    for token in tokens:
        depth += token.is_sign("(") - token.is_sign(")")
        if depth == 0 and token.word == "ORDER":
            return True
    return False


def _check_comparisons(tokens: Sequence[Token]) -> None:
    """One text that is no number in `id IN (…)` fails a query; so does a date without TO_DATE."""
    for index, token in enumerate(tokens[:-2]):
        column = token.text.lower()
        if token.sort is Sort.WORD and column in ID_COLUMNS | DATE_COLUMNS:
            for operand in _operands(tokens, index + 1):
                _check_operand(column, operand)


def _operands(tokens: Sequence[Token], at: int) -> list[Token]:
    """Return the literals and parameters that a column is directly compared with."""
    if tokens[at].word == "NOT":
        at += 1
    if tokens[at].word == "BETWEEN":
        candidates = [tokens[at + 1], *tokens[at + 3 : at + 4]]
    elif tokens[at].word == "IN":
        candidates = _until_closed(tokens[at + 2 :])
    elif tokens[at].sort is Sort.SIGN and tokens[at].text in _COMPARISONS:
        candidates = [tokens[at + 1]]
    else:
        candidates = []
    return [token for token in candidates if token.sort in {Sort.TEXT, Sort.PARAMETER}]


def _until_closed(tokens: Sequence[Token]) -> list[Token]:
    taken: list[Token] = []
    for token in tokens:
        if token.is_sign(")") or token.word == "SELECT":
            break
        taken.append(token)
    return taken


def _check_operand(column: str, operand: Token) -> None:
    if column in DATE_COLUMNS:
        raise BadQuery(f"Compare {column} with TO_DATE(…, 'mask'), not with a text.")
    if not _WHOLE.fullmatch(str(operand.value)):
        raise BadQuery(f"Invalid number {operand.value!r} for field {column}.")

"""Checks a request's body field by field against the catalog."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from isthmus_sandbox.netsuite.problems import Detail, Problem
from isthmus_sandbox.netsuite.records.fields import Field, Fields, Kind

Body = dict[str, Any]
Resolve = Callable[[str, Mapping[str, Any]], str | None]
CENT: Final = Decimal("0.01")
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
LINES_MAX: Final = 10_000
DIGITS_MAX: Final = 15


class _Invalid(Exception):
    """The value does not fit; carries code and text."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class BodyCheck:
    """One pass over one body: what is kept, what was dropped, what is wrong.

    `resolve` turns a reference of a group into an internal id, or None when there is none.
    """

    def __init__(self, *, resolve: Resolve) -> None:
        self._resolve = resolve
        self.unknown: list[str] = []
        self._details: list[Detail] = []

    def run(self, body: object, fields: Fields, *, names_strict: bool) -> Body:
        """Return the body with references as internal ids, without what NetSuite ignores.

        :raises Problem: with one detail for each thing that is wrong.
        """
        if not isinstance(body, dict):
            raise Problem.of(400, "INVALID_CONTENT", "The request body is not a JSON object.")
        kept = self._object(body, fields, path="")
        if names_strict:
            self._details += [_unknown(path) for path in self.unknown]
        if self._details:
            raise Problem(status=400, details=self._details)
        return kept

    def _object(self, body: Body, fields: Fields, *, path: str) -> Body:
        kept: Body = {}
        for name, value in body.items():
            field = fields.get(name)
            if field is None:
                self.unknown.append(path + name)
            elif field.kind is not Kind.READ_ONLY:
                self._put(kept, name, value, field, path=path + name)
        return kept

    def _put(self, kept: Body, name: str, value: object, field: Field, *, path: str) -> None:
        try:
            kept[name] = None if value is None else self._value(value, field, name, path=path)
        except _Invalid as invalid:
            self._details.append(Detail(text=str(invalid), code=invalid.code, path=path))

    def _value(self, value: Any, field: Field, name: str, *, path: str) -> Any:
        if field.kind is Kind.REFERENCE:
            return self._reference(value, field, name)
        if field.kind is Kind.OBJECT:
            return self._object(_dictionary(value), field.fields, path=f"{path}.")
        if field.kind is Kind.SUBLIST:
            return self._lines(value, field, path=path)
        return _SIMPLE[field.kind](value, field, name)

    def _reference(self, value: Any, field: Field, name: str) -> Body:
        named = _dictionary(value)
        internal_id = self._resolve(field.group, named)
        if internal_id is None:
            shown = named.get("id", named.get("externalId", named.get("refName")))
            text = f"Invalid Field Value {shown} for the following field: {name}"
            raise _Invalid("INVALID_KEY_OR_REF", text)
        return {"id": internal_id}

    def _lines(self, value: Any, field: Field, *, path: str) -> Body:
        items = _dictionary(value).get("items")
        if items is None:
            return {"items": []}
        if not isinstance(items, list) or len(items) > LINES_MAX:
            raise _Invalid("INVALID_CONTENT", f"items is not a list of at most {LINES_MAX} lines.")
        lines = [
            self._object(_dictionary(line), field.fields, path=f"{path}.items[{index}].")
            for index, line in enumerate(items)
        ]
        _refuse_equal_keys([line["line"] for line in lines if line.get("line") is not None])
        return {"items": lines}


def _unknown(path: str) -> Detail:
    text = f"Unknown reference or invalid field name {path}."
    return Detail(text=text, code="INVALID_CONTENT", path=path)


def _dictionary(value: Any) -> Body:
    if not isinstance(value, dict):
        raise _Invalid("INVALID_CONTENT", "The value is not a JSON object.")
    return value


def _refuse_equal_keys(keys: list[int]) -> None:
    if len(set(keys)) < len(keys):
        text = "There are multiple sublist lines with the same identifier."
        raise _Invalid("DUPLICATE_KEYS", text)


def _text(value: Any, field: Field, name: str) -> str:
    if not isinstance(value, str) or len(value) > field.length:
        raise _Invalid(
            "INVALID_CONTENT", f"{name} is not a text of at most {field.length} characters."
        )
    return value


def _number(value: Any, field: Field, name: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise _Invalid("INVALID_CONTENT", f"{name} is not a number.")
    number = Decimal(value)
    if number and not -DIGITS_MAX < number.adjusted() < DIGITS_MAX:
        raise _Invalid("INVALID_CONTENT", f"{name} is out of range.")
    return number


def _money(value: Any, field: Field, name: str) -> Decimal:
    return _number(value, field, name).quantize(CENT, ROUND_HALF_UP)


def _integer(value: Any, field: Field, name: str) -> int:
    number = _number(value, field, name)
    if number != number.to_integral_value():
        raise _Invalid("INVALID_CONTENT", f"{name} is not a whole number.")
    return int(number)


def _boolean(value: Any, field: Field, name: str) -> bool:
    if not isinstance(value, bool):
        raise _Invalid("INVALID_CONTENT", f"{name} is not true or false.")
    return value


def _date(value: Any, field: Field, name: str) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError) as error:
        raise _Invalid("INVALID_CONTENT", f"{name} is not a date (YYYY-MM-DD).") from error


def _moment(value: Any, field: Field, name: str) -> str:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise _Invalid("INVALID_CONTENT", f"{name} is not an ISO 8601 time.") from error
    if moment.tzinfo is None:
        raise _Invalid("INVALID_CONTENT", f"{name} has no offset from UTC.")
    return str(value)


def _choice(value: Any, field: Field, name: str) -> Body:
    chosen = _dictionary(value).get("id")
    if chosen not in field.choices:
        text = f"Invalid Field Value {chosen} for the following field: {name}"
        raise _Invalid("INVALID_KEY_OR_REF", text)
    return {"id": chosen}


def _country(value: Any, field: Field, name: str) -> Body:
    code = _dictionary(value).get("id")
    if not isinstance(code, str) or not _COUNTRY.fullmatch(code):
        text = f"Invalid Field Value {code} for the following field: {name}"
        raise _Invalid("INVALID_KEY_OR_REF", text)
    return {"id": code}


_SIMPLE: Final[Mapping[Kind, Callable[[Any, Field, str], Any]]] = {
    Kind.TEXT: _text,
    Kind.INTEGER: _integer,
    Kind.NUMBER: _number,
    Kind.MONEY: _money,
    Kind.BOOLEAN: _boolean,
    Kind.DATE: _date,
    Kind.MOMENT: _moment,
    Kind.CHOICE: _choice,
    Kind.COUNTRY: _country,
}

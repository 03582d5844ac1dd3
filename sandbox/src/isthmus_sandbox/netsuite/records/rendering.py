"""A record as the record API shows it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final, Protocol

from isthmus_sandbox.netsuite.account import rest_time
from isthmus_sandbox.netsuite.records.catalog import ENTITY, TRANSACTION, RecordType
from isthmus_sandbox.netsuite.records.fields import Field, Fields, Kind
from isthmus_sandbox.netsuite.records.store import Record
from isthmus_sandbox.netsuite.records.validation import Body

_NUMBER: Final[Mapping[str, str]] = {TRANSACTION: "tranId", ENTITY: "entityId"}


class Names(Protocol):
    """Knows what a referenced record is called."""

    def by_id(self, group: str, internal_id: int) -> Record | None:
        """Return the record of a group with this internal id."""


class Rendering:
    """Renders records of one type at one address."""

    def __init__(self, *, kind: RecordType, names: Names, root: str) -> None:
        self._kind = kind
        self._names = names
        self._root = root

    def address(self, record: Record) -> str:
        """Return the absolute address of a record."""
        return f"{self._root}/{record.type}/{record.id}"

    def show(self, record: Record, *, expand: bool, only: Collection[str]) -> Body:
        """Return the record; sublists and addresses are links unless expanded."""
        address = self.address(record)
        body = {
            "links": [_link("self", address)],
            "id": str(record.id),
            "refName": record.name,
            **self._fields(record.body, self._kind.fields, address=address, expand=expand),
            "createdDate": rest_time(datetime.fromisoformat(record.created)),
            "lastModifiedDate": rest_time(datetime.fromisoformat(record.modified)),
        }
        if record.external_id is not None:
            body["externalId"] = record.external_id
        if record.group in _NUMBER:
            body[_NUMBER[record.group]] = record.name
        if "status" in body:
            # The status shows its name also where its id should be.
            body["status"] = {**body["status"], "id": body["status"]["refName"]}
        kept = {"links", "id", *only}
        return {name: value for name, value in body.items() if not only or name in kept}

    def _fields(
        self, body: Mapping[str, Any], fields: Fields, *, address: str, expand: bool
    ) -> Body:
        return {
            name: self._value(value, fields[name], address=f"{address}/{name}", expand=expand)
            for name, value in body.items()
            if value is not None
        }

    def _value(self, value: Any, field: Field, *, address: str, expand: bool) -> Any:
        if field.kind is Kind.REFERENCE:
            return self._reference(value, field)
        if field.kind is Kind.CHOICE:
            return {**value, "refName": field.choices[value["id"]]}
        if field.kind in {Kind.OBJECT, Kind.SUBLIST}:
            return self._resource(value, field, address=address, expand=expand)
        return value

    def _resource(self, value: Any, field: Field, *, address: str, expand: bool) -> Body:
        links = {"links": [_link("self", address)]}
        if not expand:
            return links
        if field.kind is Kind.OBJECT:
            return {**links, **self._fields(value, field.fields, address=address, expand=True)}
        return {**links, **self._lines(value["items"], field, address=address)}

    def _reference(self, value: Mapping[str, Any], field: Field) -> Body:
        named = self._names.by_id(field.group, int(value["id"]))
        told = {} if named is None else {"refName": named.name}
        return {"links": [], "id": value["id"], **told}

    def _lines(self, lines: list[Body], field: Field, *, address: str) -> Body:
        items = [
            {
                "links": [_link("self", f"{address}/{line.get('line', index + 1)}")],
                **self._fields(line, field.fields, address=address, expand=True),
            }
            for index, line in enumerate(lines)
        ]
        return {"items": items, "totalResults": len(items)}


def _link(rel: str, href: str) -> Body:
    return {"rel": rel, "href": href}

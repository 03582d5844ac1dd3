"""The tables of SuiteQL, as views of the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from isthmus_sandbox.netsuite.records.catalog import ENTITY, ITEM, TRANSACTION, RecordType
from isthmus_sandbox.netsuite.records.fields import Kind
from isthmus_sandbox.netsuite.suiteql.dialect import DISPLAY

_LISTS: Final = ("location", "subsidiary", "currency")
TABLES: Final = frozenset({"item", "transaction", "customer", "dual", *_LISTS})


def view_statements(
    types: Mapping[str, RecordType], custom_fields: Mapping[str, Kind]
) -> Iterable[str]:
    """Return the statements that create the views."""
    yield "CREATE TEMP VIEW [dual] AS SELECT 'X' AS dummy"
    yield _view("item", ITEM, _item_columns(types))
    yield _view("transaction", TRANSACTION, _transaction_columns(types, custom_fields))
    yield _view("customer", ENTITY, _customer_columns())
    for name in _LISTS:
        yield _view(name, name, {"id": "id", "name": "name", "isinactive": _flag("isInactive")})


def _view(table: str, group: str, columns: Mapping[str, str]) -> str:
    listed = ", ".join(f"{expression} AS [{name}]" for name, expression in columns.items())
    # Built of constants and of configured field names alone, never of a request's text.
    return f"CREATE TEMP VIEW [{table}] AS SELECT {listed} FROM main.record WHERE grp = '{group}'"  # noqa: S608


def _item_columns(types: Mapping[str, RecordType]) -> dict[str, str]:
    return {
        "id": "id",
        "itemid": "name",
        "externalid": "external_id",
        "displayname": _text("displayName"),
        "description": _text("salesDescription"),
        "itemtype": _analytics(types, ITEM),
        "upccode": _text("upcCode"),
        "isinactive": _flag("isInactive"),
        "createddate": "created_local",
        "lastmodifieddate": "modified_local",
        f"itemtype{DISPLAY}": "type",
    }


def _transaction_columns(
    types: Mapping[str, RecordType], custom_fields: Mapping[str, Kind]
) -> dict[str, str]:
    body = {n: k for n, k in custom_fields.items() if n.startswith("custbody_")}
    return {
        "id": "id",
        "type": _analytics(types, TRANSACTION),
        "recordtype": "lower(type)",
        "externalid": "external_id",
        "tranid": "name",
        "trandate": _day("tranDate"),
        "entity": _id("entity"),
        "status": _text("status.id"),
        "total": _text("total"),
        "foreigntotal": _text("total"),
        "currency": _id("currency"),
        "otherrefnum": _text("otherRefNum"),
        "memo": _text("memo"),
        "createddate": "created_local",
        "lastmodifieddate": "modified_local",
        f"type{DISPLAY}": "type",
        f"entity{DISPLAY}": _name_of(ENTITY, "entity"),
        f"currency{DISPLAY}": _name_of("currency", "currency"),
        f"status{DISPLAY}": _text("status.refName"),
        **{name: _custom(name, kind) for name, kind in body.items()},
    }


def _customer_columns() -> dict[str, str]:
    return {
        "id": "id",
        "entityid": "name",
        "externalid": "external_id",
        "companyname": _text("companyName"),
        "subsidiary": _id("subsidiary"),
        "currency": _id("currency"),
        "isinactive": _flag("isInactive"),
        "datecreated": "created_local",
        "lastmodifieddate": "modified_local",
    }


def _text(path: str) -> str:
    return f"json_extract(record.body, '$.{path}')"


def _id(field: str) -> str:
    return f"CAST({_text(f'{field}.id')} AS INTEGER)"


def _flag(field: str) -> str:
    return f"CASE WHEN {_text(field)} THEN 'T' ELSE 'F' END"


def _day(field: str) -> str:
    return f"account_moment({_text(field)})"


def _custom(name: str, kind: Kind) -> str:
    if kind is Kind.BOOLEAN:
        return _flag(name)
    return _day(name) if kind in {Kind.DATE, Kind.MOMENT} else _text(name)


def _name_of(group: str, field: str) -> str:
    found = f"n.grp = '{group}' AND n.id = {_id(field)}"
    return f"(SELECT n.name FROM main.record n WHERE {found})"  # noqa: S608


def _analytics(types: Mapping[str, RecordType], group: str) -> str:
    cases = [f"WHEN '{t.name}' THEN '{t.analytics}'" for t in types.values() if t.group == group]
    return f"CASE type {' '.join(cases)} END"

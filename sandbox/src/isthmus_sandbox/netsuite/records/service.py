"""What the record API does to the store: create, read, update, upsert, delete."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from isthmus_sandbox.netsuite.account import Account
from isthmus_sandbox.netsuite.problems import Problem, no_record, user_error
from isthmus_sandbox.netsuite.records.catalog import ENTITY, ITEM, TRANSACTION, RecordType
from isthmus_sandbox.netsuite.records.lines import merged_lines
from isthmus_sandbox.netsuite.records.store import (
    DuplicateExternalId,
    DuplicateName,
    Record,
    Store,
)
from isthmus_sandbox.netsuite.records.transaction import completed_sale
from isthmus_sandbox.netsuite.records.validation import Body, BodyCheck

CLOSED_THROUGH: Final = "closed_through"
INTERNAL_ID: Final = re.compile(r"-?[0-9]{1,18}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A record that was written, and the names in the request that were silently dropped."""

    record: Record
    created: bool
    dropped: list[str]


class Records:
    """The records of one account under NetSuite's rules."""

    def __init__(self, *, account: Account, types: Mapping[str, RecordType], store: Store) -> None:
        self._account = account
        self._types = types
        self._store = store

    def knows(self, name: str) -> bool:
        """Tell whether there is such a type."""
        return name in self._types

    def type(self, name: str, *, in_rest: bool) -> RecordType:
        """Return a type by name.

        :raises Problem: when there is no such type.
        """
        kind = self._types.get(name)
        if kind is None or (in_rest and not kind.in_rest):
            raise Problem.of(404, "NONEXISTENT_ID", f"Record type '{name}' does not exist.")
        return kind

    def find(self, kind: RecordType, key: str) -> Record:
        """Return the record under an internal id or `eid:<external id>`.

        :raises Problem: when there is none, also when another type of the group has the key.
        """
        if key.startswith("eid:"):
            record = self._store.by_external_id(kind.group, key.removeprefix("eid:"))
        else:
            record = self._store.by_id(kind.group, int(key)) if INTERNAL_ID.fullmatch(key) else None
        if record is None or record.type != kind.name:
            raise no_record()
        return record

    def create(
        self,
        kind: RecordType,
        body: object,
        *,
        names_strict: bool,
        now: datetime,
        id: int | None = None,
    ) -> Saved:
        """Create a record.

        :raises Problem: when the body breaks a rule or its external id is taken.
        """
        check = BodyCheck(resolve=self._resolve)
        sent = check.run(body, kind.fields, names_strict=names_strict)
        external_id = sent.pop("externalId", None) or None
        if kind.group == TRANSACTION:
            sent["item"] = {"items": merged_lines([], _lines(sent), replace=False)}
        with_rules = self._completed(kind, sent, now)
        try:
            record = self._store.create(
                type=kind.name,
                group=kind.group,
                external_id=external_id,
                name=_name(kind, with_rules),
                number_prefix=kind.number_prefix,
                body=with_rules,
                now=now,
                id=id,
            )
        except (DuplicateExternalId, DuplicateName) as error:
            raise self._duplicate(error, kind) from error
        return Saved(record=record, created=True, dropped=check.unknown)

    def update(
        self,
        record: Record,
        body: object,
        *,
        replace_lines: bool,
        names_strict: bool,
        now: datetime,
    ) -> Saved:
        """Change a record: fields that are sent stand, null clears, lines are merged.

        :raises Problem: when the outcome would break a rule.
        """
        kind = self._types[record.type]
        check = BodyCheck(resolve=self._resolve)
        sent = check.run(body, kind.fields, names_strict=names_strict)
        external_id = sent.pop("externalId", record.external_id) or None
        changed = {**record.body, **sent}
        if kind.group == TRANSACTION:
            changed["item"] = _merged(record.body, sent, replace_lines=replace_lines)
        with_rules = self._completed(kind, changed, now)
        name = _name(kind, with_rules) or record.name
        after = replace(record, body=with_rules, external_id=external_id, name=name)
        try:
            self._store.save(after, now=now)
        except (DuplicateExternalId, DuplicateName) as error:
            raise self._duplicate(error, kind) from error
        return Saved(record=after, created=False, dropped=check.unknown)

    def upsert(
        self,
        kind: RecordType,
        external_id: str,
        body: object,
        *,
        replace_lines: bool,
        names_strict: bool,
        now: datetime,
    ) -> Saved:
        """Create the record under this external id, or update it.

        :raises Problem: when the outcome would break a rule.
        """
        if not isinstance(body, dict) or body.get("externalId", external_id) != external_id:
            text = "The request body is no object with the external id of the address."
            raise Problem.of(400, "INVALID_CONTENT", text, path="externalId")
        held = self._store.by_external_id(kind.group, external_id)
        if held is None:
            named = {**body, "externalId": external_id}
            return self.create(kind, named, names_strict=names_strict, now=now)
        if held.type != kind.name:
            raise self._duplicate(DuplicateExternalId(), kind)
        return self.update(
            held, body, replace_lines=replace_lines, names_strict=names_strict, now=now
        )

    def delete(self, record: Record) -> None:
        """Delete a record."""
        self._store.delete(record)

    def close_periods(self, through: date | None) -> None:
        """Close all posting periods up to and with this day, or open all."""
        self._store.put_setting(CLOSED_THROUGH, "" if through is None else through.isoformat())

    def closed_through(self) -> date | None:
        """Return the last day of the last closed period."""
        text = self._store.setting(CLOSED_THROUGH)
        return date.fromisoformat(text) if text else None

    def _completed(self, kind: RecordType, body: Body, now: datetime) -> Body:
        if kind.group == TRANSACTION:
            return completed_sale(
                body,
                kind=kind,
                lookup=self._store,
                today=self._account.today(now),
                closed_through=self.closed_through(),
            )
        if kind.group == ENTITY:
            _refuse_nameless_customer(body)
        return {name: value for name, value in body.items() if value is not None}

    def _resolve(self, group: str, named: Mapping[str, Any]) -> str | None:
        record = self._named(group, named)
        if record is None or record.body.get("isInactive"):
            return None
        return str(record.id)

    def _named(self, group: str, named: Mapping[str, Any]) -> Record | None:
        if "id" in named:
            text = str(named["id"])
            return self._store.by_id(group, int(text)) if INTERNAL_ID.fullmatch(text) else None
        if "externalId" in named:
            return self._store.by_external_id(group, str(named["externalId"]))
        return self._store.by_name(group, str(named.get("refName", "")))

    def _duplicate(self, error: Exception, kind: RecordType) -> Problem:
        if isinstance(error, DuplicateExternalId):
            code, path = self._account.duplicate_code, "externalId"
            text = "This record already exists. The external id is used in its record group."
        else:
            code, path = _NAME_TAKEN.get(kind.group, ("DUP_RCRD", "id"))
            text = f"A record with this {path} already exists."
        problem = Problem.of(400, code, f"Error while accessing a resource. {text}", path=path)
        problem.effect = "duplicate"
        return problem


_NAME_TAKEN: Final = {ITEM: ("DUP_ITEM", "itemId"), ENTITY: ("UNIQUE_CUST_ID_REQD", "entityId")}


def _lines(body: Body) -> list[Body]:
    return (body.get("item") or {}).get("items") or []


def _merged(held: Body, sent: Body, *, replace_lines: bool) -> Body:
    """A sublist sent as null is cleared, one not sent is left."""
    if "item" not in sent:
        return {"items": _lines(held)}
    cleared = replace_lines or not _lines(sent)
    return {"items": merged_lines(_lines(held), _lines(sent), replace=cleared)}


def _name(kind: RecordType, body: Body) -> str | None:
    """What the record is called, and by what it is unique where names are."""
    if kind.group == ITEM:
        return _required(body, "itemId", "Item Name/Number")
    if kind.group == ENTITY:
        person = f"{body.get('firstName', '')} {body.get('lastName', '')}".strip()
        return body.get("entityId") or body.get("companyName") or person
    if kind.group == TRANSACTION:
        return body.get("tranId")
    return _required(body, "name", "Name")


def _required(body: Body, field: str, label: str) -> str:
    value = body.get(field)
    if not value:
        raise user_error(f"Please enter value(s) for: {label}.", path=field)
    return str(value)


def _refuse_nameless_customer(body: Body) -> None:
    person = {"firstName": "First Name", "lastName": "Last Name"}
    named = person if body.get("isPerson") else {"companyName": "Company Name"}
    wanted = {**named, "subsidiary": "Primary Subsidiary"}
    missing = [label for field, label in wanted.items() if not body.get(field)]
    if missing:
        raise user_error(f"Please enter value(s) for: {', '.join(missing)}.")

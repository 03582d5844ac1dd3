"""The record API over HTTP."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from isthmus_sandbox.clock import Clock
from isthmus_sandbox.netsuite.problems import Problem
from isthmus_sandbox.netsuite.records.catalog import RecordType
from isthmus_sandbox.netsuite.records.rendering import Names, Rendering
from isthmus_sandbox.netsuite.records.service import Records, Saved
from isthmus_sandbox.netsuite.traffic.answer import Answer
from isthmus_sandbox.netsuite.traffic.gate import Call, Gate
from isthmus_sandbox.netsuite.traffic.latency import Work

BASE: Final = "/services/rest/record/v1"
BODY_MAX: Final = 104 * 1024 * 1024
_EID: Final = "eid:"
_KEY: Final = re.compile(r"[0-9]{1,18}|eid:[A-Za-z0-9_-]+")
_BODY_TYPES: Final = ("application/json", "application/vnd.oracle.resource+json")
_NOT_JSON: Final = object()
_NAME_VALIDATION: Final = "X-NetSuite-PropertyNameValidation"
_VALUE_VALIDATION: Final = "X-NetSuite-PropertyValueValidation"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    """What a request asks for: type, key, body and the headers that change its meaning."""

    request: Request
    type: str
    key: str = ""
    body: object = None

    @property
    def external_id(self) -> str | None:
        """The business key of the journal."""
        if self.key:
            return self.key.removeprefix(_EID) if self.key.startswith(_EID) else None
        named = self.body.get("externalId") if isinstance(self.body, dict) else None
        return named if isinstance(named, str) else None

    @property
    def lines(self) -> int:
        """How many item lines there are to save."""
        item = self.body.get("item") if isinstance(self.body, dict) else None
        items = item.get("items") if isinstance(item, dict) else None
        return len(items) if isinstance(items, list) else 0

    @property
    def names_strict(self) -> bool:
        """Whether an unknown field name is an error. By default it is not."""
        return _validation(self.request, _NAME_VALIDATION) == "error"

    def parameters(self, *known: str) -> Mapping[str, str]:
        """Return the query parameters.

        :raises Problem: at one that the operation does not know.
        """
        for name in self.request.query_params:
            if name not in known:
                text = f"Invalid query parameter {name}."
                raise Problem.of(400, "INVALID_PARAMETER", text, parameter=name)
        return self.request.query_params


class RecordApi:
    """The operations on one record at a time."""

    def __init__(self, *, gate: Gate, records: Records, names: Names, clock: Clock) -> None:
        self._gate = gate
        self._records = records
        self._names = names
        self._clock = clock

    def router(self) -> APIRouter:
        """Return the routes."""
        router = APIRouter(prefix=BASE)
        router.post("/{type}")(self.create)
        router.get("/{type}/{key}")(self.read)
        router.patch("/{type}/{key}")(self.update)
        router.put("/{type}/{key}")(self.upsert)
        router.delete("/{type}/{key}")(self.delete)
        return router

    async def create(self, request: Request, type: str) -> Response:
        """POST: 204 and the address of the new record."""
        sent = _Sent(request=request, type=type, body=await _body(request))
        return await self._serve(sent, "create", Work.WRITE, self._created)

    async def read(self, request: Request, type: str, key: str) -> Response:
        """GET: the record."""
        sent = _Sent(request=request, type=type, key=key)
        return await self._serve(sent, "read", Work.READ, self._shown)

    async def update(self, request: Request, type: str, key: str) -> Response:
        """PATCH: 204."""
        sent = _Sent(request=request, type=type, key=key, body=await _body(request))
        return await self._serve(sent, "update", Work.WRITE, self._updated)

    async def upsert(self, request: Request, type: str, key: str) -> Response:
        """PUT by external id: creates or updates, 204."""
        sent = _Sent(request=request, type=type, key=key, body=await _body(request))
        return await self._serve(sent, "upsert", Work.WRITE, self._upserted)

    async def delete(self, request: Request, type: str, key: str) -> Response:
        """DELETE: 204."""
        sent = _Sent(request=request, type=type, key=key)
        return await self._serve(sent, "delete", Work.WRITE, self._deleted)

    async def _serve(
        self, sent: _Sent, verb: str, work: Work, act: Callable[[_Sent, RecordType], Answer]
    ) -> Response:
        known = self._records.knows(sent.type)

        def run() -> Answer:
            _check_form(sent)
            return act(sent, self._records.type(sent.type, in_rest=True))

        call = Call(
            operation=f"{sent.type if known else 'unknown'}.{verb}",
            key=sent.external_id,
            work=work,
            run=run,
            lines=sent.lines,
        )
        return await self._gate.serve(sent.request, call)

    def _created(self, sent: _Sent, kind: RecordType) -> Answer:
        sent.parameters()
        saved = self._records.create(
            kind, sent.body, names_strict=sent.names_strict, now=self._clock.now()
        )
        return self._saved(sent, kind, saved)

    def _shown(self, sent: _Sent, kind: RecordType) -> Answer:
        parameters = sent.parameters("expandSubResources", "fields")
        record = self._records.find(kind, sent.key)
        body = self._rendering(sent, kind).show(
            record,
            expand=parameters.get("expandSubResources", "false").lower() == "true",
            only=[name for name in parameters.get("fields", "").split(",") if name],
        )
        return Answer(status=200, body=body, effect="read", detail={"id": record.id})

    def _updated(self, sent: _Sent, kind: RecordType) -> Answer:
        saved = self._records.update(
            self._records.find(kind, sent.key),
            sent.body,
            replace_lines=_replaces_lines(sent),
            names_strict=sent.names_strict,
            now=self._clock.now(),
        )
        return self._saved(sent, kind, saved)

    def _upserted(self, sent: _Sent, kind: RecordType) -> Answer:
        if not sent.key.startswith(_EID):
            raise Problem.of(400, "INVALID_REQUEST", "PUT takes an external id (eid:…) alone.")
        saved = self._records.upsert(
            kind,
            sent.key.removeprefix(_EID),
            sent.body,
            replace_lines=_replaces_lines(sent),
            names_strict=sent.names_strict,
            now=self._clock.now(),
        )
        return self._saved(sent, kind, saved)

    def _deleted(self, sent: _Sent, kind: RecordType) -> Answer:
        sent.parameters()
        record = self._records.find(kind, sent.key)
        self._records.delete(record)
        return Answer(status=204, effect="deleted", detail={"id": record.id})

    def _saved(self, sent: _Sent, kind: RecordType, saved: Saved) -> Answer:
        headers = {"Location": self._rendering(sent, kind).address(saved.record)}
        if saved.dropped and _validation(sent.request, _NAME_VALIDATION) == "warning":
            names = ", ".join(ascii(name) for name in saved.dropped)
            headers["Warning"] = f'199 - "Unknown field names were ignored: {names}"'
        detail = {"id": saved.record.id, "lines": sent.lines, "dropped": saved.dropped}
        effect = "created" if saved.created else "updated"
        return Answer(status=204, headers=headers, effect=effect, detail=detail)

    def _rendering(self, sent: _Sent, kind: RecordType) -> Rendering:
        root = f"{str(sent.request.base_url).rstrip('/')}{BASE}"
        return Rendering(kind=kind, names=self._names, root=root)


async def _body(request: Request) -> object:
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > BODY_MAX:
            return _NOT_JSON
    try:
        body = json.loads(content, parse_float=Decimal)
        # Half a surrogate pair passes as JSON, but is no text.
        json.dumps(body, default=str, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return _NOT_JSON
    return body


def _check_form(sent: _Sent) -> None:
    if sent.key and not _KEY.fullmatch(sent.key):
        text = "The request could not be understood by the server due to malformed syntax."
        raise Problem.of(400, "INVALID_REQUEST", text)
    if "respond-async" in sent.request.headers.get("prefer", ""):
        raise Problem.of(400, "INVALID_HEADER", "The sandbox has no async jobs.", header="Prefer")
    if sent.request.method in {"POST", "PATCH", "PUT"}:
        _check_body(sent)


def _check_body(sent: _Sent) -> None:
    content_type = sent.request.headers.get("content-type", "").partition(";")[0].strip()
    if content_type not in _BODY_TYPES:
        text = f"Content-Type must be one of {', '.join(_BODY_TYPES)}."
        raise Problem.of(400, "INVALID_HEADER", text, header="Content-Type")
    if sent.body is _NOT_JSON:
        raise Problem.of(400, "INVALID_CONTENT", "The request body is not JSON.")
    if _validation(sent.request, _VALUE_VALIDATION, default="error") != "error":
        text = "The sandbox has the value Error alone."
        raise Problem.of(400, "INVALID_HEADER", text, header=_VALUE_VALIDATION)


def _validation(request: Request, header: str, *, default: str = "warning") -> str:
    value = request.headers.get(header, default).lower()
    if value not in {"error", "warning", "ignore"}:
        raise Problem.of(400, "INVALID_HEADER", f"Invalid value for {header}.", header=header)
    return value


def _replaces_lines(sent: _Sent) -> bool:
    """`?replace=` names the sublists whose lines are replaced by those that are sent."""
    named = sent.parameters("replace").get("replace", "").split(",")
    return "item" in named

"""The control API: fill the account, set its limits, read what is true."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict

from isthmus_sandbox.clock import Clock
from isthmus_sandbox.netsuite.problems import Problem
from isthmus_sandbox.netsuite.records.catalog import ENTITY, TRANSACTION, RecordType
from isthmus_sandbox.netsuite.records.service import INTERNAL_ID, Records
from isthmus_sandbox.netsuite.records.store import PAGE_MAX, Record, Store
from isthmus_sandbox.netsuite.traffic.slots import Limit, Slots

HASH_FIELD = "custbody_amz_payload_hash"


class Periods(BaseModel):
    """Posting periods are closed up to and with this day."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    closed_through: date | None


def control_router(*, records: Records, store: Store, slots: Slots, clock: Clock) -> APIRouter:
    """Return the routes under `/_control` that concern the account."""
    router = APIRouter(prefix="/_control")

    @router.get("/records")
    async def truth(
        type: str | None = None,
        after: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 1000,
    ) -> list[dict[str, object]]:
        page = store.page(type=type, after=after, limit=limit)
        return [_truth(record, seq=seq, creations=n) for seq, n, record in page]

    @router.post("/records/{type}")
    async def put(request: Request, type: str) -> list[dict[str, object]]:
        kind = records.type(type, in_rest=False)
        bodies = _bodies(await request.body())
        return [_put(kind, body, records=records, store=store, clock=clock) for body in bodies]

    @router.get("/periods")
    async def periods() -> Periods:
        return Periods(closed_through=records.closed_through())

    @router.put("/periods")
    async def close_periods(wanted: Periods) -> Periods:
        records.close_periods(wanted.closed_through)
        return wanted

    @router.get("/limit")
    async def limit_now() -> dict[str, object]:
        return slots.describe()

    @router.put("/limit")
    async def set_limit(wanted: Limit) -> dict[str, object]:
        slots.limit = wanted
        return slots.describe()

    return router


def _bodies(content: bytes) -> list[dict[str, Any]]:
    """Amounts stay decimal, so not FastAPI's own reading."""
    try:
        bodies = json.loads(content, parse_float=Decimal)
    except ValueError as error:
        raise Problem.of(400, "INVALID_CONTENT", "The request body is not JSON.") from error
    if not isinstance(bodies, list) or not all(isinstance(body, dict) for body in bodies):
        raise Problem.of(400, "INVALID_CONTENT", "The request body is not a list of records.")
    return bodies


def _truth(record: Record, *, seq: int, creations: int) -> dict[str, object]:
    """No more than a checker needs: nothing of a buyer."""
    total = record.body.get("total")
    lines = (record.body.get("item") or {}).get("items") or []
    return {
        "seq": seq,
        "type": record.type,
        "id": str(record.id),
        "external_id": record.external_id,
        "name": None if record.group == ENTITY else record.name,
        "payload_hash": record.body.get(HASH_FIELD),
        "created": record.created,
        "modified": record.modified,
        "creations": max(1, creations),
        "total": None if total is None else str(total),
        "lines": len(lines),
    }


def _put(
    kind: RecordType, body: dict[str, Any], *, records: Records, store: Store, clock: Clock
) -> dict[str, object]:
    """Create a master record, or update the one that has its id, external id or name."""
    if not INTERNAL_ID.fullmatch(str(body.get("id", "0"))):
        raise Problem.of(400, "INVALID_CONTENT", "An id is a number.", path="id")
    if kind.group == TRANSACTION:
        text = "Transactions come through the record API alone."
        raise Problem.of(400, "USER_ERROR", text)
    fields = {name: value for name, value in body.items() if name != "id"}
    held = _held(kind, body, store)
    if held is None:
        wanted = int(body["id"]) if "id" in body else None
        saved = records.create(kind, fields, names_strict=True, now=clock.now(), id=wanted)
    else:
        saved = records.update(held, fields, replace_lines=True, names_strict=True, now=clock.now())
    record = saved.record
    return {"id": str(record.id), "name": record.name, "created": saved.created}


def _held(kind: RecordType, body: dict[str, Any], store: Store) -> Record | None:
    if "id" in body:
        return store.by_id(kind.group, int(body["id"]))
    if body.get("externalId"):
        return store.by_external_id(kind.group, str(body["externalId"]))
    name = body.get("itemId") or body.get("entityId") or body.get("companyName") or body.get("name")
    return None if name is None else store.by_name(kind.group, str(name))

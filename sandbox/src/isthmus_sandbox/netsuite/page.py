"""The page for people: what the account holds and what it has met. Nothing of a buyer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from isthmus_sandbox.clock import Clock
from isthmus_sandbox.journal import Journal
from isthmus_sandbox.netsuite.account import Account
from isthmus_sandbox.netsuite.control import HASH_FIELD
from isthmus_sandbox.netsuite.records.catalog import TRANSACTION
from isthmus_sandbox.netsuite.records.store import Record, Store
from isthmus_sandbox.netsuite.traffic.slots import Slots

_LATEST: Final = 50
_STYLE: Final = (
    "body{font:15px/1.4 system-ui,sans-serif;margin:2rem;max-width:70rem}"
    "table{border-collapse:collapse;margin-bottom:2rem}"
    "td,th{padding:.2rem .8rem;border-bottom:1px solid #ccc;text-align:left}"
)


def page_router(
    *, account: Account, store: Store, slots: Slots, journal: Journal, clock: Clock
) -> APIRouter:
    """Return the route `/`."""
    router = APIRouter()

    @router.get("/", response_class=HTMLResponse)
    async def page() -> str:
        counted = journal.count_by("operation", "status", "effect", "fault")
        headline = f"Simulated NetSuite, account {escape(account.account_id)}"
        return (
            f"<!DOCTYPE html><html lang=en><head><title>{headline}</title>"
            f"<style>{_STYLE}</style></head><body><h1>{headline}</h1>"
            f"<p>Clock factor {clock.factor:g}. Also: <a href=/_control/records>records</a>,"
            " <a href=/_control/journal>journal</a>, <a href=/_control/faults>faults</a>.</p>"
            f"<h2>Concurrency</h2>{_table(['', ''], slots.describe().items())}"
            f"<h2>Records</h2>{_table(['type', 'records'], store.counts().items())}"
            f"<h2>Requests</h2>{_journal(counted)}"
            f"<h2>Latest transactions</h2>{_latest(store.latest(TRANSACTION, limit=_LATEST))}"
            "</body></html>"
        )

    return router


def _journal(counted: Sequence[dict[str, object]]) -> str:
    columns = ["operation", "status", "effect", "fault", "count"]
    return _table(columns, ([row[name] for name in columns] for row in counted))


def _latest(records: Iterable[Record]) -> str:
    columns = ["external id", "type", "id", "total", "payload hash", "created"]
    rows = (
        [r.external_id, r.type, r.id, r.body.get("total"), r.body.get(HASH_FIELD), r.created]
        for r in records
    )
    return _table(columns, rows)


def _table(columns: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "".join(f"<tr>{''.join(_cell(value) for value in row)}</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


def _cell(value: object) -> str:
    return f"<td>{'' if value is None else escape(str(value))}</td>"

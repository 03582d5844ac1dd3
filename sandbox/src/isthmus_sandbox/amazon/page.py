"""The page at `/`: what the simulated Amazon holds, for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from isthmus_sandbox.amazon.accounts import Accounts
from isthmus_sandbox.amazon.store import Orders
from isthmus_sandbox.clock import Clock
from isthmus_sandbox.faults import Faults
from isthmus_sandbox.journal import Journal

_STYLE: Final = (
    "body{font:15px system-ui;margin:2em;max-width:70em}table{border-collapse:collapse}"
    "td,th{padding:.2em .8em;border-bottom:1px solid #ccc;text-align:left}"
)


def page_router(
    *, clock: Clock, accounts: Accounts, orders: Orders, faults: Faults, journal: Journal
) -> APIRouter:
    """Return the route of the page."""
    router = APIRouter()

    @router.get("/", response_class=HTMLResponse)
    async def page() -> str:
        sellers = [
            {"account": a.name, "marketplaces": len(a.marketplace_ids), "revoked": a.revoked}
            for a in accounts.all()
        ]
        summary = f"{orders.count()} orders; clock factor {clock.factor:g}; {clock.now():%F %T} UTC"
        parts = [
            f"<p>{summary}</p>",
            _table("Sellers", sellers),
            _table("Orders", orders.counts()),
            _table("Requests", journal.count_by("operation", "status", "fault")),
            _table("Faults", faults.describe()),
        ]
        return _document("Simulated Amazon", parts)

    return router


def _document(title: str, parts: Iterable[str]) -> str:
    head = f"<meta charset=utf-8><title>{title}</title><style>{_STYLE}</style>"
    return f"<!doctype html><html lang=en><head>{head}</head><body><h1>{title}</h1>{''.join(parts)}"


def _table(title: str, rows: Sequence[dict[str, object]]) -> str:
    if not rows:
        return f"<h2>{title}</h2><p>None.</p>"
    heads = "".join(f"<th>{escape(name)}</th>" for name in rows[0])
    lines = "".join(
        "<tr>" + "".join(f"<td>{escape(str(value))}</td>" for value in row.values()) + "</tr>"
        for row in rows
    )
    return f"<h2>{title}</h2><table><tr>{heads}</tr>{lines}</table>"

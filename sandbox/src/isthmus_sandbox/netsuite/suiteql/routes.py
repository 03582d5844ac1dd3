"""The query service."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from isthmus_sandbox.netsuite.problems import Problem
from isthmus_sandbox.netsuite.suiteql.engine import ROWS_MAX, QueryEngine
from isthmus_sandbox.netsuite.suiteql.tokens import BadQuery
from isthmus_sandbox.netsuite.traffic.answer import Answer
from isthmus_sandbox.netsuite.traffic.gate import Call, Gate
from isthmus_sandbox.netsuite.traffic.latency import Work

PATH: Final = "/services/rest/query/v1/suiteql"
PAGE_MAX: Final = 1000
_COLLECTION: Final = "application/vnd.oracle.resource+json; type=collection"


def query_router(*, gate: Gate, engine: QueryEngine) -> APIRouter:
    """Return the route that runs a query."""
    router = APIRouter()

    @router.post(PATH)
    async def suiteql(request: Request) -> Response:
        content = await request.body()

        def run() -> Answer:
            return _queried(request, content, engine)

        return await gate.serve(
            request, Call(operation="suiteql", key=None, work=Work.QUERY, run=run)
        )

    return router


def _queried(request: Request, content: bytes, engine: QueryEngine) -> Answer:
    _check_prefer(request)
    limit, offset = _page(request.query_params)
    query, parameters = _query(content)
    try:
        rows = engine.run(query, parameters).rows
    except BadQuery as bad:
        text = (
            "Invalid search query. Detailed unprocessed description follows."
            f" Search error occurred: {bad}"
        )
        raise Problem.of(400, "INVALID_PARAMETER", text, path="q") from bad
    shown = rows[offset : offset + limit]
    body = {
        "links": _links(str(request.url.replace(query="")), limit, offset, len(rows)),
        "count": len(shown),
        "hasMore": offset + limit < len(rows),
        "items": [{"links": [], **row} for row in shown],
        "offset": offset,
        "totalResults": len(rows),
    }
    return Answer(
        status=200, body=body, media_type=_COLLECTION, effect="read", detail={"rows": len(shown)}
    )


def _check_prefer(request: Request) -> None:
    preferences = {p.strip() for p in request.headers.get("prefer", "").split(",")}
    if "transient" not in preferences:
        text = "Invalid value for the header Prefer. It must be: transient."
        raise Problem.of(400, "INVALID_HEADER", text, header="Prefer")


def _page(parameters: Mapping[str, str]) -> tuple[int, int]:
    for name in parameters:
        if name not in {"limit", "offset"}:
            raise _bad_parameter(name)
    limit = _whole(parameters, "limit", PAGE_MAX)
    offset = _whole(parameters, "offset", 0)
    if not 1 <= limit <= PAGE_MAX:
        raise _bad_parameter("limit")
    # An offset within a page is refused: it must be divisible by the limit.
    if offset % limit or offset >= ROWS_MAX:
        raise _bad_parameter("offset")
    return limit, offset


def _whole(parameters: Mapping[str, str], name: str, default: int) -> int:
    text = parameters.get(name, str(default))
    if not text.isdecimal():
        raise _bad_parameter(name)
    return int(text)


def _bad_parameter(name: str) -> Problem:
    text = f"Invalid query parameter {name}."
    return Problem.of(400, "INVALID_PARAMETER", text, parameter=name)


def _query(content: bytes) -> tuple[str, list[Any]]:
    try:
        body = json.loads(content)
    except ValueError as error:
        raise _bad_body("The request body is not JSON.") from error
    if (
        not isinstance(body, dict)
        or not isinstance(body.get("q"), str)
        or body.keys() - {"q", "params"}
    ):
        raise _bad_body("The request body has q, and may have params.")
    parameters = body.get("params", [])
    plain = isinstance(parameters, list) and all(
        isinstance(p, str | int | float) for p in parameters
    )
    if not plain:
        raise _bad_body("params is a list of texts and numbers.")
    return body["q"], parameters


def _bad_body(text: str) -> Problem:
    return Problem.of(400, "INVALID_CONTENT", text)


def _links(address: str, limit: int, offset: int, total: int) -> list[dict[str, str]]:
    offsets = {"self": offset}
    if offset + limit < total:
        offsets["next"] = offset + limit
    if offset > 0:
        offsets["previous"] = max(0, offset - limit)
    return [
        {"rel": rel, "href": f"{address}?limit={limit}&offset={at}"} for rel, at in offsets.items()
    ]

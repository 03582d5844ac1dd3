"""What comes back from a call, and how it goes over the wire."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from starlette.responses import Response

from isthmus_sandbox.netsuite.problems import ERROR_TYPE, Problem
from isthmus_sandbox.netsuite.records.store import plain_number
from isthmus_sandbox.server import CutConnection

JSON_TYPE: Final = "application/vnd.oracle.resource+json; type=singular"
CUT: Final = 0
_MAINTENANCE: Final = (
    "<!DOCTYPE html><html><head><title>Service Unavailable</title></head><body>"
    "<h1>503 Service Unavailable</h1><p>NetSuite is undergoing maintenance.</p></body></html>"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Status, body and headers for the client; effect and detail for the journal.

    Status 0 is no answer: the connection is cut, after `cut_after_s` real seconds.
    """

    status: int
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = JSON_TYPE
    effect: str | None = None
    detail: Mapping[str, object] = field(default_factory=dict)
    cut_after_s: float = 0.0

    def response(self) -> Response:
        """Return the answer as a response."""
        if self.status == CUT:
            return CutConnection(after_s=self.cut_after_s)
        if self.body is None:
            return Response(status_code=self.status, headers=dict(self.headers))
        text = self.body if isinstance(self.body, str) else _json(self.body)
        return Response(
            text, status_code=self.status, headers=dict(self.headers), media_type=self.media_type
        )


def refusal(problem: Problem) -> Answer:
    """Return the answer to a request that broke a rule. Its texts stay out of the journal."""
    paths = [detail.path for detail in problem.details if detail.path]
    return Answer(
        status=problem.status,
        body=problem.body(),
        headers=problem.headers,
        media_type=ERROR_TYPE,
        effect=problem.effect,
        detail={"codes": problem.codes(), "paths": paths},
    )


def maintenance() -> Answer:
    """Return what an edge proxy says when NetSuite is away: HTML."""
    return Answer(status=503, body=_MAINTENANCE, media_type="text/html; charset=utf-8")


def _json(body: object) -> str:
    return json.dumps(body, default=plain_number, ensure_ascii=False)

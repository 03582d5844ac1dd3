"""What is left of the REST root: the server's time, and a clear no for all else."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from isthmus_sandbox.clock import Clock
from isthmus_sandbox.netsuite.account import rest_time
from isthmus_sandbox.netsuite.problems import Problem
from isthmus_sandbox.netsuite.traffic.answer import Answer
from isthmus_sandbox.netsuite.traffic.gate import Call, Gate
from isthmus_sandbox.netsuite.traffic.latency import Work

_METHODS: Final = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def system_router(*, gate: Gate, clock: Clock) -> APIRouter:
    """Return the routes; to be included last, since one of them takes every address."""
    router = APIRouter()

    def time_now() -> Answer:
        return Answer(status=200, body={"serverTime": rest_time(clock.now())}, effect="read")

    @router.get("/services/rest/system/v1/serverTime")
    async def server_time(request: Request) -> Response:
        call = Call(operation="serverTime", key=None, work=Work.LIGHT, run=time_now)
        return await gate.serve(request, call)

    @router.api_route("/services/{path:path}", methods=_METHODS)
    async def unknown(request: Request, path: str) -> Response:
        call = Call(operation="unknown", key=None, work=Work.LIGHT, run=_not_simulated)
        return await gate.serve(request, call)

    return router


def _not_simulated() -> Answer:
    text = "The sandbox does not simulate this method at this address."
    raise Problem.of(404, "INVALID_REQUEST", text)

"""The HTTP side of ``health``: apart, because loading it takes longer than a worker's restart."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import uvicorn
from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST

from isthmus.ops.logs import logger
from isthmus.ops.metrics import Metrics

if TYPE_CHECKING:
    from isthmus.ops.health import Heartbeat, Unready

CONCURRENCY_MAX: Final = 32

log = logger("ops.health")


def health_server(
    *, metrics: Metrics, heartbeat: Heartbeat, alive_within_s: float, unready: Unready
) -> uvicorn.Server:
    """Return the server, to be run in a thread that is not the main one."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/healthz")
    async def healthz() -> Response:
        return _liveness(heartbeat.age_seconds(), alive_within_s=alive_within_s)

    @app.get("/readyz")
    async def readyz() -> Response:
        return _readiness(unready)

    @app.get("/metrics")
    async def exposition() -> Response:
        return Response(metrics.exposition(), media_type=CONTENT_TYPE_LATEST)

    return uvicorn.Server(_config(app))


def _liveness(age_s: float, *, alive_within_s: float) -> JSONResponse:
    is_alive = age_s < alive_within_s
    content = {
        "alive": is_alive,
        "poll_age_seconds": round(age_s, 3) if math.isfinite(age_s) else None,
        "limit_seconds": alive_within_s,
    }
    return JSONResponse(content, status_code=200 if is_alive else 503)


def _readiness(unready: Unready) -> JSONResponse:
    try:
        reasons = list(unready())
    except Exception:
        log.exception("health.readiness-failed")
        reasons = ["the check of readiness failed, see the log"]
    content = {"ready": not reasons, "reasons": reasons}
    return JSONResponse(content, status_code=503 if reasons else 200)


def _config(app: FastAPI) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        access_log=False,
        http="h11",
        lifespan="off",
        limit_concurrency=CONCURRENCY_MAX,
        log_config=None,
        loop="asyncio",
        timeout_graceful_shutdown=1,
        timeout_keep_alive=5,
        ws="none",
    )

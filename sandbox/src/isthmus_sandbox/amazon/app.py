"""Puts the rooms of the simulated Amazon together."""

from __future__ import annotations

from fastapi import FastAPI

from isthmus_sandbox.clock import Clock
from isthmus_sandbox.faults import Faults, faults_router
from isthmus_sandbox.journal import Journal, journal_router
from isthmus_sandbox.server import health_router


def amazon_app(*, clock: Clock, faults: Faults, journal: Journal) -> FastAPI:
    """Return the application of one simulated Amazon."""
    app = FastAPI(title="Simulated Amazon", docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(health_router(name="amazon", clock=clock))
    app.include_router(faults_router(faults))
    app.include_router(journal_router(journal))
    return app

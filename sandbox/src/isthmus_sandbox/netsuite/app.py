"""Puts the rooms of the simulated NetSuite together."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import FastAPI, Request
from starlette.responses import Response

from isthmus_sandbox.clock import Clock
from isthmus_sandbox.faults import Faults, faults_router
from isthmus_sandbox.journal import Journal, journal_router
from isthmus_sandbox.netsuite.account import Account
from isthmus_sandbox.netsuite.auth.credentials import Integration
from isthmus_sandbox.netsuite.auth.routes import token_router
from isthmus_sandbox.netsuite.auth.tokens import Tokens
from isthmus_sandbox.netsuite.control import control_router
from isthmus_sandbox.netsuite.page import page_router
from isthmus_sandbox.netsuite.problems import Problem
from isthmus_sandbox.netsuite.records.catalog import record_types
from isthmus_sandbox.netsuite.records.routes import RecordApi
from isthmus_sandbox.netsuite.records.service import Records
from isthmus_sandbox.netsuite.records.store import Store
from isthmus_sandbox.netsuite.seeding import seed_lists
from isthmus_sandbox.netsuite.suiteql.engine import QueryEngine
from isthmus_sandbox.netsuite.suiteql.routes import query_router
from isthmus_sandbox.netsuite.system import system_router
from isthmus_sandbox.netsuite.traffic.answer import refusal
from isthmus_sandbox.netsuite.traffic.gate import Gate
from isthmus_sandbox.netsuite.traffic.latency import LatencyModel
from isthmus_sandbox.netsuite.traffic.slots import Limit, Slots
from isthmus_sandbox.server import health_router


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What one simulated account is made of."""

    integration: Integration
    clock: Clock
    account: Account = field(default_factory=Account)
    limit: Limit = field(default_factory=Limit)
    latency: LatencyModel = field(default_factory=LatencyModel)
    state: Path | None = None
    seed: int = 1


def netsuite_app(setup: Setup) -> FastAPI:
    """Return the application of one simulated NetSuite account."""
    clock, account = setup.clock, setup.account
    database = _database(setup.state)
    types = record_types(account.custom_fields)
    store = Store(database, account=account)
    records = Records(account=account, types=types, store=store)
    seed_lists(records, store, now=clock.now())
    journal = Journal(None if setup.state is None else setup.state / "journal.sqlite")
    faults, tokens = Faults(seed=setup.seed), Tokens(account=account, clock=clock)
    slots = Slots(setup.limit, seed=setup.seed)
    gate = Gate(
        clock=clock,
        faults=faults,
        journal=journal,
        tokens=tokens,
        slots=slots,
        latency=setup.latency,
        seed=setup.seed,
    )
    engine = QueryEngine(database, account=account, types=types, clock=clock, seed=setup.seed)
    app = FastAPI(title="Simulated NetSuite", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_exception_handler(Problem, _refused)
    for router in (
        health_router(name="netsuite", clock=clock),
        faults_router(faults),
        journal_router(journal),
        control_router(records=records, store=store, slots=slots, clock=clock),
        page_router(account=account, store=store, slots=slots, journal=journal, clock=clock),
        token_router(gate=gate, tokens=tokens, integration=setup.integration, clock=clock),
        query_router(gate=gate, engine=engine),
        RecordApi(gate=gate, records=records, names=store, clock=clock).router(),
        system_router(gate=gate, clock=clock),
    ):
        app.include_router(router)
    return app


def _database(state: Path | None) -> str:
    """In memory under a name of its own, since two connections share it."""
    if state is None:
        return f"file:netsuite-{uuid.uuid4().hex}?mode=memory&cache=shared"
    return f"{(state / 'records.sqlite').absolute().as_uri()}"


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return refusal(error).response()

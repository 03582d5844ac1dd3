"""Puts the rooms of the simulated NetSuite together."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
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
    rooms = _Rooms(setup)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        with closing(rooms.store), closing(rooms.journal), closing(rooms.engine):
            yield

    app = FastAPI(
        title="Simulated NetSuite",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=lifespan,
    )
    app.add_exception_handler(Problem, _refused)
    for router in rooms.routers():
        app.include_router(router)
    return app


class _Rooms:
    """The parts, each made of the ones before it."""

    def __init__(self, setup: Setup) -> None:
        clock, account, seed = setup.clock, setup.account, setup.seed
        database = _database(setup.state)
        types = record_types(account.custom_fields)
        self.setup = setup
        self.store = Store(database, account=account)
        self.records = Records(account=account, types=types, store=self.store)
        seed_lists(self.records, self.store, now=clock.now())
        self.engine = QueryEngine(database, account=account, types=types, clock=clock, seed=seed)
        self.journal = Journal(None if setup.state is None else setup.state / "journal.sqlite")
        self.faults = Faults(seed=seed)
        self.tokens = Tokens(account=account, clock=clock)
        self.slots = Slots(setup.limit, seed=seed)
        self.gate = Gate(
            clock=clock,
            faults=self.faults,
            journal=self.journal,
            tokens=self.tokens,
            slots=self.slots,
            latency=setup.latency,
            seed=seed,
        )

    def routers(self) -> Iterator[APIRouter]:
        """Yield the routes, the last of which takes what no other takes."""
        gate, store, slots, clock = self.gate, self.store, self.slots, self.setup.clock
        account, integration = self.setup.account, self.setup.integration
        yield health_router(name="netsuite", clock=clock)
        yield faults_router(self.faults)
        yield journal_router(self.journal)
        yield control_router(records=self.records, store=store, slots=slots, clock=clock)
        yield page_router(
            account=account, store=store, slots=slots, journal=self.journal, clock=clock
        )
        yield token_router(gate=gate, tokens=self.tokens, integration=integration, clock=clock)
        yield query_router(gate=gate, engine=self.engine)
        yield RecordApi(gate=gate, records=self.records, names=store, clock=clock).router()
        yield system_router(gate=gate, clock=clock)


def _database(state: Path | None) -> str:
    """In memory under a name of its own, since two connections share it."""
    if state is None:
        return f"file:netsuite-{uuid.uuid4().hex}?mode=memory&cache=shared"
    return f"{(state / 'records.sqlite').absolute().as_uri()}"


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return refusal(error).response()

"""Puts the rooms of the simulated Amazon together."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI, HTTPException
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.requests import Request

from isthmus_sandbox.amazon.accounts import derived_account
from isthmus_sandbox.amazon.errors import denied
from isthmus_sandbox.amazon.examples import EXAMPLES_ACCOUNT, example_orders
from isthmus_sandbox.amazon.front import FAULTS, Front
from isthmus_sandbox.amazon.gateway import Gateway
from isthmus_sandbox.amazon.marketplaces import KNOWN_IDS
from isthmus_sandbox.amazon.page import page_router
from isthmus_sandbox.amazon.pagination import Pagination
from isthmus_sandbox.amazon.quota import DEFAULT_PLANS, Quotas
from isthmus_sandbox.amazon.routes_control import control_router
from isthmus_sandbox.amazon.routes_lwa import GET_TOKEN, lwa_router
from isthmus_sandbox.amazon.routes_orders import Reading, orders_router
from isthmus_sandbox.amazon.scenario import Scenario
from isthmus_sandbox.amazon.stage import Stage
from isthmus_sandbox.amazon.store import Orders
from isthmus_sandbox.amazon.tokens import Tokens
from isthmus_sandbox.clock import Clock
from isthmus_sandbox.faults import Faults, faults_router
from isthmus_sandbox.journal import Journal, journal_router
from isthmus_sandbox.server import health_router


def amazon_app(
    *, clock: Clock, seed: int, scenario: Scenario, state: Path | None, models: Path | None
) -> FastAPI:
    """Return the application of one simulated Amazon.

    :raises ScenarioRefused: when the scenario names what does not exist.
    :raises ModelsUnusable: when `models` does not hold Amazon's model of the orders API.
    """
    journal = Journal(state and state / "journal.sqlite")
    orders = Orders(state and state / "orders.sqlite")
    accounts = scenario.opened(seed=seed)
    stage = Stage(clock=clock, accounts=accounts, orders=orders, journal=journal)
    _open(stage, scenario=scenario, models=models, seed=seed)
    faults = Faults(seed=seed, kinds=FAULTS, operations={*DEFAULT_PLANS, GET_TOKEN})
    front = Front(clock=clock, faults=faults, journal=journal)
    tokens = Tokens(clock=clock, accounts=accounts)
    gateway = Gateway(front=front, accounts=accounts, tokens=tokens, quotas=Quotas(clock))
    pagination = Pagination(clock=clock, seed=seed)
    reading = Reading(clock=clock, orders=orders, pagination=pagination)

    app = FastAPI(title="Simulated Amazon", docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(lwa_router(front=front, tokens=tokens))
    app.include_router(orders_router(gateway=gateway, reading=reading))
    app.include_router(control_router(stage))
    app.include_router(faults_router(faults))
    app.include_router(journal_router(journal))
    app.include_router(health_router(name="amazon", clock=clock))
    app.include_router(
        page_router(clock=clock, accounts=accounts, orders=orders, faults=faults, journal=journal)
    )
    _refuse_unknown_paths(app, gateway)
    return app


def _open(stage: Stage, *, scenario: Scenario, models: Path | None, seed: int) -> None:
    """Fill an empty store with what is there at the start; a kept one has it already."""
    is_empty = stage.orders.count() == 0
    if models is not None:
        seller = derived_account(EXAMPLES_ACCOUNT, seed=seed, marketplace_ids=sorted(KNOWN_IDS))
        stage.accounts.add(seller)
        examples = example_orders(models, now=stage.clock.now())
        if is_empty:
            stage.orders.add(examples)
    if is_empty:
        for spec in scenario.orders:
            stage.place(spec)


def _refuse_unknown_paths(app: FastAPI, gateway: Gateway) -> None:
    """Let Amazon's gateway answer what no route answers; it denies rather than says "no such"."""

    @app.exception_handler(StarletteHTTPException)
    async def refuse(request: Request, error: Exception) -> Response:
        assert isinstance(error, StarletteHTTPException)
        if isinstance(error, HTTPException) or request.url.path.startswith("/_control"):
            return JSONResponse({"detail": error.detail}, error.status_code)
        return await gateway.refuse(operation="unknown", refused=denied(""))

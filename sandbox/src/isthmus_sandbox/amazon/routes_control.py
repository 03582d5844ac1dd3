"""The control API: what a test, a demo and a checker ask of the simulated Amazon."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Final

from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel, ConfigDict

from isthmus_sandbox.amazon.evolution import Action, NotPossible
from isthmus_sandbox.amazon.generator import GenerationSpec
from isthmus_sandbox.amazon.orders import Document, Order, moment
from isthmus_sandbox.amazon.stage import EvolutionSpec, Stage

LISTED_MAX: Final = 10_000


class AccountChange(BaseModel):
    """What happens to a seller's account: a rotated secret, a revoked permission, a role."""

    model_config = ConfigDict(extra="forbid")

    client_secret: str | None = None
    revoked: bool | None = None
    restricted_role: bool | None = None


class OrderChange(BaseModel):
    """What happens to one order."""

    model_config = ConfigDict(extra="forbid")

    action: Action


def control_router(stage: Stage) -> APIRouter:
    """Return the routes below `/_control` that are Amazon's own."""
    router = APIRouter(prefix="/_control")
    _add_account_routes(router, stage)
    _add_order_routes(router, stage)
    return router


def _add_account_routes(router: APIRouter, stage: Stage) -> None:
    @router.get("/accounts")
    async def accounts() -> list[Document]:
        return [asdict(account) for account in stage.accounts.all()]

    @router.post("/accounts/{name}")
    async def change_account(name: str, change: AccountChange) -> Document:
        account = stage.accounts.named(name)
        if account is None:
            raise HTTPException(404, f"There is no account {name!r}.")
        for field, value in change.model_dump(exclude_none=True).items():
            setattr(account, field, value)
        return asdict(account)


def _add_order_routes(router: APIRouter, stage: Stage) -> None:
    @router.post("/orders")
    async def place(spec: GenerationSpec) -> list[Document]:
        try:
            return [_summary(order) for order in stage.place(spec)]
        except LookupError as error:
            raise HTTPException(404, str(error)) from error

    @router.get("/orders")
    async def orders(
        after: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=LISTED_MAX)] = LISTED_MAX,
    ) -> list[Document]:
        listed = stage.orders.listed(after=after, limit=limit)
        return [{"serial": serial, **_summary(order)} for serial, order in listed]

    @router.get("/orders/{order_id}")
    async def whole_order(order_id: str) -> Document:
        if order := stage.orders.find(order_id):
            return {**_summary(order), "document": order.document}
        raise HTTPException(404, f"There is no order {order_id}.")

    @router.post("/orders/{order_id}")
    async def change_order(order_id: str, change: OrderChange) -> Document:
        try:
            return _summary(stage.change(order_id, change.action))
        except LookupError as error:
            raise HTTPException(404, str(error)) from error
        except NotPossible as error:
            raise HTTPException(409, str(error)) from error

    @router.post("/evolve")
    async def evolve(spec: EvolutionSpec) -> list[Document]:
        return [_summary(order) for order in stage.evolve(spec)]


def _summary(order: Order) -> Document:
    """Return the truth about an order without anything personal."""
    return {
        "account": order.account,
        "order_id": order.order_id,
        "kind": order.kind.value,
        "marketplace_id": order.marketplace_id,
        "status": order.status.value,
        "fulfilled_by": order.fulfilled_by,
        "created": moment(order.created),
        "updated": moment(order.updated),
        "grand_total": order.document.get("proceeds", {}).get("grandTotal"),
        "items": [_item_summary(item) for item in order.document["orderItems"]],
    }


def _item_summary(item: Document) -> Document:
    done = item.get("fulfillment", {})
    return {
        "order_item_id": item["orderItemId"],
        "sku": item["product"].get("sellerSku"),
        "ordered": item["quantityOrdered"],
        "fulfilled": done.get("quantityFulfilled", 0),
        "is_cancelled": "cancellationExecution" in item.get("cancellation", {}),
    }

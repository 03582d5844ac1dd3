"""searchOrders and getOrder, version 2026-01-01."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.datastructures import QueryParams
from starlette.requests import Request

from isthmus_sandbox.amazon.accounts import Account
from isthmus_sandbox.amazon.errors import denied, not_found
from isthmus_sandbox.amazon.front import Answer
from isthmus_sandbox.amazon.gateway import Gateway
from isthmus_sandbox.amazon.orders import Document, Order, moment
from isthmus_sandbox.amazon.pagination import Pagination, Position
from isthmus_sandbox.amazon.query import (
    Filters,
    filters_of,
    included_data,
    order_id_of,
    youngest_shown,
)
from isthmus_sandbox.amazon.quota import GET_ORDER, SEARCH_ORDERS
from isthmus_sandbox.amazon.store import Orders
from isthmus_sandbox.amazon.visibility import visible
from isthmus_sandbox.clock import Clock


def orders_router(*, gateway: Gateway, reading: Reading) -> APIRouter:
    """Return the two operations."""
    router = APIRouter(prefix="/orders/2026-01-01/orders")

    @router.get("")
    async def search_orders(request: Request) -> Response:
        def handle(account: Account) -> Answer:
            return reading.search(account, request.query_params)

        return await gateway.call(request, operation=SEARCH_ORDERS, handle=handle)

    @router.get("/{order_id}")
    async def get_order(request: Request, order_id: str) -> Response:
        def handle(account: Account) -> Answer:
            return reading.get(account, order_id, request.query_params)

        return await gateway.call(request, operation=GET_ORDER, handle=handle, key=order_id)

    return router


@dataclass(frozen=True, slots=True)
class Reading:
    """What both operations read from."""

    clock: Clock
    orders: Orders
    pagination: Pagination

    def search(self, account: Account, params: QueryParams) -> Answer:
        """Answer searchOrders.

        :raises Refused: when a parameter breaks a rule.
        """
        filters = filters_of(params, clock=self.clock)
        if foreign := set(filters.marketplace_ids) - set(account.marketplace_ids):
            raise denied(f"The seller does not participate in {', '.join(sorted(foreign))}.")
        after = self._position(params, account, filters)
        upper_bound = after.upper_bound if after else self._upper_bound(filters)
        found = self.orders.search(
            filters, account=account.name, upper_bound=upper_bound, after=after
        )
        page = found[: filters.page_size]
        body: Document = {"orders": [self._shown(order, account, filters) for order in page]}
        if len(found) > len(page):
            token = self._token_behind(page[-1], account, filters, upper_bound)
            body["pagination"] = {"nextToken": token}
        body[f"{filters.field}Before"] = upper_bound
        return Answer(200, body, detail=_told(page, params))

    def get(self, account: Account, order_id: str, params: QueryParams) -> Answer:
        """Answer getOrder.

        :raises Refused: when a parameter breaks a rule, or the seller has no such order.
        """
        sections = included_data(params)
        order = self.orders.find(order_id_of(order_id))
        if order is None or order.account != account.name:
            raise not_found(order_id)
        role = account.restricted_role
        body = {"order": visible(order, sections=sections, restricted_role=role)}
        return Answer(200, body, detail=_told([order], params))

    def _shown(self, order: Order, account: Account, filters: Filters) -> Document:
        role = account.restricted_role
        return visible(order, sections=filters.sections, restricted_role=role)

    def _upper_bound(self, filters: Filters) -> str:
        return filters.before or moment(youngest_shown(self.clock))

    def _position(self, params: QueryParams, account: Account, filters: Filters) -> Position | None:
        token = params.get("paginationToken")
        if token is None:
            return None
        return self.pagination.position(
            token, account=account.name, fingerprint=filters.fingerprint()
        )

    def _token_behind(
        self, order: Order, account: Account, filters: Filters, upper_bound: str
    ) -> str:
        time = order.created if filters.field == "created" else order.updated
        position = Position(upper_bound=upper_bound, time=moment(time), order_id=order.order_id)
        return self.pagination.token(
            position, account=account.name, fingerprint=filters.fingerprint()
        )


def _told(orders: Sequence[Order], params: QueryParams) -> Document:
    """Return what the journal keeps: which state of which orders the caller was told."""
    asked = {name: value for name, value in params.items() if name != "paginationToken"}
    told = {order.order_id: moment(order.updated) for order in orders}
    return {"asked": asked, "is_first_page": "paginationToken" not in params, "told": told}

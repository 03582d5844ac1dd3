"""Orders, version 2026-01-01."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
from sp_api.api import OrdersV20260101

from isthmus.amazon.answers import Answer
from isthmus.amazon.client import strict_client
from isthmus.amazon.operations import SEARCH_ORDERS
from isthmus.amazon.transport import Connection


class Pagination(msgspec.Struct, rename="camel", frozen=True):
    """How to go on; Amazon leaves the token out on the last page."""

    next_token: str | None = None


class FoundOrders(msgspec.Struct, rename="camel", frozen=True):
    """A page of a search. Each order is left as Amazon wrote it, for one to fail without others."""

    orders: list[msgspec.Raw]
    pagination: Pagination | None = None
    last_updated_before: datetime | None = None


class OrderSearch:
    """Searches the orders of one account, from any thread."""

    def __init__(self, *, connection: Connection, purpose: str) -> None:
        self._connection = connection
        self._purpose = purpose
        self._clients = threading.local()

    def __call__(
        self,
        *,
        last_updated_after: datetime,
        marketplace_ids: Sequence[str],
        included_data: Sequence[str],
        page_size: int,
        token: str | None,
    ) -> FoundOrders:
        """Read one page.

        :param marketplace_ids: only these; none: all of the account.
        :param token: of the page before, whose other arguments must be repeated unchanged.
        :raises AccessRefused: Amazon does not let the account in.
        :raises Rejected: Amazon refuses the arguments, such as a token that is too old.
        :raises Retryable: the quota is used up, or there was no readable answer.
        """
        found: Answer = (
            self._client()
            .search_orders(
                lastUpdatedAfter=instant(last_updated_after),
                # Named even when empty: the library would fill in a marketplace of its own choice.
                marketplaceIds=",".join(marketplace_ids),
                includedData=",".join(included_data),
                maxResultsPerPage=page_size,
                paginationToken=token,
            )
            .payload
        )
        return found.read(FoundOrders)

    def _client(self) -> OrdersV20260101:
        if not hasattr(self._clients, "orders"):
            self._clients.orders = strict_client(
                OrdersV20260101,
                connection=self._connection,
                operation=SEARCH_ORDERS,
                purpose=self._purpose,
            )
        return self._clients.orders


def instant(time: datetime) -> str:
    """Return a time in UTC, as Amazon writes it."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

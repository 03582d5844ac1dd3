"""The strict client, spoken to by the simulated Amazon over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from isthmus.amazon.errors import AccessRefused, Throttled
from isthmus.amazon.limiter import HEADROOM, LATENESS_S
from isthmus.amazon.orders import FoundOrders, OrderSearch
from isthmus.amazon.transport import Connection
from isthmus.core.errors import Rejected, Retryable
from isthmus_sandbox.amazon.quota import DEFAULT_PLANS, SEARCH_ORDERS
from tests.contract.amazon_client.conftest import FACTOR, Client

SINCE = datetime(2020, 1, 1, tzinfo=UTC)
CALLS_MAX = 1000
BURST = DEFAULT_PLANS[SEARCH_ORDERS].burst


def search(
    connection: Connection,
    *,
    since: datetime = SINCE,
    marketplaces: tuple[str, ...] = (),
    page_size: int = 100,
    token: str | None = None,
) -> FoundOrders:
    return OrderSearch(connection=connection, purpose="sweep")(
        last_updated_after=since,
        marketplace_ids=marketplaces,
        included_data=("PROCEEDS", "FULFILLMENT"),
        page_size=page_size,
        token=token,
    )


def read(found: FoundOrders) -> list[dict[str, Any]]:
    return [msgspec.json.decode(order) for order in found.orders]


class TestSearch:
    def test_reads_every_page(self, client: Client) -> None:
        placed = client.place(count=25)
        connection = client.connection()
        found = search(connection, page_size=10)
        orders = read(found)

        while found.pagination is not None:
            found = search(connection, page_size=10, token=found.pagination.next_token)
            orders += read(found)

        assert {order["orderId"] for order in orders} == {order["order_id"] for order in placed}
        assert found.last_updated_before is not None

    def test_reads_money_as_amazon_wrote_it(self, client: Client) -> None:
        [placed] = client.place(mix={"mfn": 1})

        [order] = read(search(client.connection()))

        total = order["proceeds"]["grandTotal"]
        assert total == placed["grand_total"]
        assert Decimal(total["amount"]) > 0

    def test_asks_for_all_marketplaces_or_for_some(self, client: Client) -> None:
        client.place(count=30)
        connection = client.connection()

        everywhere = read(search(connection))
        in_canada = read(search(connection, marketplaces=("A2EUQ1WTGCTBG2",)))

        assert len(everywhere) == 30
        assert 0 < len(in_canada) < 30
        assert {order["salesChannel"]["marketplaceId"] for order in in_canada} == {"A2EUQ1WTGCTBG2"}

    def test_is_rejected_with_other_filters_than_the_token_was_given_for(
        self, client: Client
    ) -> None:
        client.place(count=3)
        connection = client.connection()
        found = search(connection, page_size=2)
        assert found.pagination is not None

        with pytest.raises(Rejected, match="paginationToken is invalid"):
            search(
                connection,
                since=SINCE + timedelta(days=1),
                page_size=2,
                token=found.pagination.next_token,
            )


class TestFaults:
    @pytest.mark.parametrize(
        ("operation", "kind", "when", "error"),
        [
            ("searchOrders", "status_429", "before", Throttled),
            ("searchOrders", "status_503_html", "before", Retryable),
            ("searchOrders", "reset", "before", Retryable),
            ("searchOrders", "reset", "after", Retryable),
            ("searchOrders", "slow", "after", Retryable),
            ("getAccessToken", "status_503_html", "before", Retryable),
            ("getAccessToken", "reset", "after", Retryable),
            ("getAccessToken", "slow", "after", Retryable),
        ],
    )
    def test_are_never_an_empty_answer(
        self, client: Client, operation: str, kind: str, when: str, error: type[Exception]
    ) -> None:
        client.place(count=1)
        client.amazon.strike(
            {"operation": operation, "kind": kind, "when": when, "count": 1, "delay_s": 3600}
        )
        connection = client.connection()

        with pytest.raises(Retryable) as raised:
            search(connection)

        assert type(raised.value) is error
        connection.clock.sleep(200)
        assert len(search(connection).orders) == 1

    def test_make_a_fresh_token_when_one_expires(self, client: Client) -> None:
        connection = client.connection()
        search(connection)
        client.amazon.strike({"kind": "expired_token", "operation": "searchOrders", "count": 1})

        search(connection)

        assert client.outcomes == {
            "getAccessToken ok": 2,
            "searchOrders ok": 2,
            "searchOrders refused": 1,
        }


class TestAccess:
    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            ({"client_secret": "rotated"}, "invalid_client"),
            ({"refresh_token": "Atzr|other"}, "invalid_grant"),
        ],
    )
    def test_is_refused_by_login(self, client: Client, wrong: dict[str, str], words: str) -> None:
        connection = client.connection(client.credentials(**wrong))

        with pytest.raises(AccessRefused, match=words):
            search(connection)

        assert client.outcomes == {"getAccessToken refused": 1}

    def test_is_refused_when_the_seller_takes_it_back(self, client: Client) -> None:
        connection = client.connection()
        search(connection)
        client.amazon.http.post(f"/_control/accounts/{client.seller}", json={"revoked": True})

        with pytest.raises(AccessRefused, match="authorize again"):
            search(connection)

        assert client.outcomes["searchOrders refused"] == 1


class TestQuota:
    def test_is_never_exceeded(self, client: Client) -> None:
        connection = client.connection()
        calls = BURST + 6

        for _ in range(calls):
            search(connection)

        assert client.outcomes == {"getAccessToken ok": 1, "searchOrders ok": calls}

    def test_is_told_and_not_waited_for_beyond_the_bound(self, client: Client) -> None:
        connection = client.connection(wait_max_s=0)

        def search_on() -> None:
            for _ in range(CALLS_MAX):
                search(connection)

        with pytest.raises(Retryable, match="is used up") as refusal:
            search_on()

        assert refusal.value.after_s is not None
        assert 0 < refusal.value.after_s <= 1 / (0.0056 * HEADROOM) + LATENESS_S * FACTOR
        assert {entry["status"] for entry in client.asked()} == {200}

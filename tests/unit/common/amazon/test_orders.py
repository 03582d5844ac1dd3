"""The search for orders."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest

from isthmus.amazon.orders import FoundOrders, OrderSearch
from isthmus.core.errors import Retryable
from tests.unit.common.amazon.fake_amazon import FakeAmazon, says

AFTER = datetime(2026, 11, 27, 9, 0, 0, 123_999, tzinfo=timezone(timedelta(hours=1)))


def search(amazon: FakeAmazon, *, token: str | None = None) -> FoundOrders:
    return OrderSearch(connection=amazon.connection(), purpose="sweep")(
        last_updated_after=AFTER,
        marketplace_ids=("ATVPDKIKX0DER", "A2EUQ1WTGCTBG2"),
        included_data=("PROCEEDS", "FULFILLMENT"),
        page_size=100,
        token=token,
    )


class TestOrderSearch:
    def test_asks_by_the_rules_of_amazon(self) -> None:
        amazon = FakeAmazon()

        search(amazon, token="next")

        assert dict(amazon.requests[0].url.params) == {
            "lastUpdatedAfter": "2026-11-27T08:00:00.123Z",
            "marketplaceIds": "ATVPDKIKX0DER,A2EUQ1WTGCTBG2",
            "includedData": "PROCEEDS,FULFILLMENT",
            "maxResultsPerPage": "100",
            "paginationToken": "next",
        }

    def test_leaves_each_order_as_it_came(self) -> None:
        body = (
            b'{"orders":[{"orderId": "1", "x": 1.10},{"orderId":2}],'
            b'"pagination":{"nextToken":"t"},"lastUpdatedBefore":"2026-11-27T07:58:00Z"}'
        )

        found = search(FakeAmazon(script=[says(body)]))

        assert [bytes(order) for order in found.orders] == [
            b'{"orderId": "1", "x": 1.10}',
            b'{"orderId":2}',
        ]
        assert found.pagination is not None
        assert found.pagination.next_token == "t"
        assert found.last_updated_before == datetime(2026, 11, 27, 7, 58, tzinfo=UTC)

    def test_takes_an_answer_without_orders_for_none(self) -> None:
        with pytest.raises(Retryable, match="is not a FoundOrders"):
            search(FakeAmazon(script=[says({"payload": {}})]))

    def test_gives_each_thread_a_client_of_its_own(self) -> None:
        amazon = FakeAmazon()
        subject = OrderSearch(connection=amazon.connection(), purpose="sweep")
        clients: set[int] = set()
        barrier = threading.Barrier(4)

        def work() -> None:
            client = subject._client()
            assert subject._client() is client
            barrier.wait()
            clients.add(id(client))
            barrier.wait()

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(clients) == 4

"""Amazon's own client against the simulated Amazon."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.sandbox_amazon.world import ALL, SimulatedAmazon

# Amazon's generated code holds "\\d" in plain strings; Python says so when it compiles them.
pytestmark = pytest.mark.filterwarnings(
    "ignore:invalid escape sequence:DeprecationWarning",
    "ignore:invalid escape sequence:SyntaxWarning",
)
SINCE = "2020-01-01T00:00:00Z"


@pytest.fixture
def spapi(served: SimulatedAmazon) -> Iterator[Any]:
    """Return the API client of the seller; its module configures logging when it is imported."""
    module = importlib.import_module("spapi")
    base_url = str(served.http.base_url).rstrip("/")
    account = served.account("seller-1")
    config = module.SPAPIConfig(
        client_id=account["client_id"],
        client_secret=account["client_secret"],
        refresh_token=account["refresh_token"],
        region="NA",
    )
    client = module.SPAPIClient(
        config, oauth_endpoint=f"{base_url}/auth/o2/token", endpoint=base_url
    )
    yield client.api_client
    client.api_client.rest_client.pool_manager.clear()


def orders_api(name: str, client: Any) -> Any:
    module = importlib.import_module(f"spapi.api.orders_v2026_01_01.{name}_api")
    return getattr(module, "".join(part.title() for part in name.split("_")) + "Api")(client)


class TestOfficialClient:
    def test_reads_every_page_of_a_search(self, served: SimulatedAmazon, spapi: Any) -> None:
        placed = served.place(count=25, age_s=3000)
        api = orders_api("search_orders", spapi)
        params: dict[str, Any] = {
            "last_updated_after": SINCE,
            "max_results_per_page": 10,
            "included_data": ALL.split(","),
        }

        orders = []
        while True:
            page = api.search_orders(**params)
            orders += page.orders
            if page.pagination is None:
                break
            params["pagination_token"] = page.pagination.next_token

        found = {order.order_id: order for order in orders}
        for order in placed:
            total = order["grand_total"]
            if order["status"] in {"PENDING", "CANCELLED"}:
                assert found[order["order_id"]].proceeds is None
            else:
                assert found[order["order_id"]].proceeds.grand_total.amount == total["amount"]

    def test_reads_an_order(self, served: SimulatedAmazon, spapi: Any) -> None:
        (placed,) = served.place(mix={"mfn": 1})

        answer = orders_api("get_order", spapi).get_order(
            order_id=placed["order_id"], included_data=["FULFILLMENT", "RECIPIENT"]
        )

        assert answer.order.order_id == placed["order_id"]
        assert answer.order.fulfillment.fulfillment_status == "UNSHIPPED"
        assert answer.order.recipient.delivery_address.name

    def test_is_told_what_is_wrong(self, spapi: Any) -> None:
        api_exception = importlib.import_module("spapi.rest").ApiException

        with pytest.raises(api_exception) as caught:
            orders_api("search_orders", spapi).search_orders(created_before=SINCE)

        assert caught.value.status == 400
        assert "exactly one" in str(caught.value.body)

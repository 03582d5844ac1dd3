from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from isthmus_sandbox.amazon.orders import moment
from tests.contract.sandbox_amazon.world import ALL, SimulatedAmazon, error_of
from tests.unit.sandbox.stopped_clock import StoppedClock

BEFORE = "2026-11-23T11:00:00Z"
EARLY = "2026-11-20T00:00:00Z"


class TestSearchOrders:
    @pytest.mark.parametrize(
        ("params", "complaint"),
        [
            ({"lastUpdatedAfter": None}, "exactly one"),
            ({"createdAfter": EARLY}, "exactly one"),
            ({"lastUpdatedAfter": None, "lastUpdatedBefore": BEFORE}, "exactly one"),
            ({"createdBefore": BEFORE}, "exclude each other"),
            (
                {"lastUpdatedAfter": None, "createdAfter": EARLY, "lastUpdatedBefore": BEFORE},
                "exclude each other",
            ),
            ({"lastUpdatedAfter": "yesterday"}, "ISO 8601"),
            ({"lastUpdatedAfter": "2026-11-20T00:00:00"}, "time zone"),
            ({"lastUpdatedBefore": "2026-11-23T11:58:01Z"}, "two minutes"),
            ({"lastUpdatedBefore": "2026-11-24T00:00:00Z"}, "two minutes"),
            ({"lastUpdatedAfter": BEFORE, "lastUpdatedBefore": EARLY}, "not be later"),
            ({"lastUpdatedAfter": "2026-11-23T11:59:00Z"}, "not be later"),
            ({"fulfillmentStatuses": "SHIPPED,Canceled"}, "'Canceled'"),
            ({"fulfilledBy": "AFN"}, "'AFN'"),
            ({"includedData": "BUYER,EVERYTHING"}, "'EVERYTHING'"),
            ({"marketplaceIds": "US"}, "'US'"),
            ({"maxResultsPerPage": 0}, "between 1 and 100"),
            ({"maxResultsPerPage": 101}, "between 1 and 100"),
            ({"maxResultsPerPage": "ten"}, "between 1 and 100"),
            ({"paginationToken": "abc"}, "paginationToken"),
            ({"paginationToken": "é"}, "paginationToken"),
        ],
    )
    def test_refuses(self, amazon: SimulatedAmazon, params: dict[str, Any], complaint: str) -> None:
        status, code, message = error_of(amazon.search(**params))

        assert (status, code) == (400, "InvalidInput")
        assert complaint in message

    def test_refuses_a_repeated_parameter(self, amazon: SimulatedAmazon) -> None:
        query = "lastUpdatedAfter=2026-11-20T00:00:00Z&includedData=BUYER&includedData=TAX"

        answer = amazon.get(f"/orders/2026-01-01/orders?{query}", token=amazon.token())

        assert error_of(answer)[0] == 400
        assert "commas" in error_of(answer)[2]

    def test_takes_the_latest_bound_that_the_two_minutes_allow(
        self, amazon: SimulatedAmazon
    ) -> None:
        answer = amazon.search(lastUpdatedBefore="2026-11-23T11:58:00Z")

        assert answer.status_code == 200
        assert answer.json()["lastUpdatedBefore"] == "2026-11-23T11:58:00.000Z"

    def test_hides_the_last_two_minutes_and_says_so(
        self, amazon: SimulatedAmazon, clock: StoppedClock
    ) -> None:
        (order,) = amazon.place(account="acme", age_s=0, mix={"mfn": 1})

        young = amazon.search().json()
        clock.advance(120)
        old = amazon.search(lastUpdatedAfter=young["lastUpdatedBefore"]).json()

        assert young == {"orders": [], "lastUpdatedBefore": "2026-11-23T11:58:00.000Z"}
        assert [o["orderId"] for o in old["orders"]] == [order["order_id"]]
        assert old["lastUpdatedBefore"] == "2026-11-23T12:00:00.000Z"

    def test_echoes_the_bound_of_the_family_that_was_asked(self, amazon: SimulatedAmazon) -> None:
        body = amazon.search(lastUpdatedAfter=None, createdAfter=EARLY).json()

        assert set(body) == {"orders", "createdBefore"}

    def test_finds_by_update_what_it_does_not_find_by_creation(
        self, amazon: SimulatedAmazon, clock: StoppedClock
    ) -> None:
        (order,) = amazon.place(account="acme", mix={"mfn": 1})
        clock.advance(3600)
        since = moment(clock.now())
        amazon.change(order["order_id"], "ship")
        clock.advance(120)

        by_update = amazon.found(lastUpdatedAfter=since)
        by_creation = amazon.found(lastUpdatedAfter=None, createdAfter=since)

        assert [o["orderId"] for o in by_update] == [order["order_id"]]
        assert by_creation == []

    def test_counts_both_bounds_in(self, amazon: SimulatedAmazon) -> None:
        (order,) = amazon.place(account="acme", mix={"mfn": 1})
        at = order["updated"]
        just_before = moment(amazon.clock.now() - timedelta(seconds=600, milliseconds=1))

        assert len(amazon.found(lastUpdatedAfter=at, lastUpdatedBefore=at)) == 1
        assert amazon.found(lastUpdatedAfter=EARLY, lastUpdatedBefore=just_before) == []

    @pytest.mark.parametrize(
        ("params", "kinds"),
        [
            ({"fulfillmentStatuses": "PENDING"}, {"pending"}),
            ({"fulfillmentStatuses": "PENDING,CANCELLED"}, {"pending", "cancelled"}),
            ({"fulfilledBy": "AMAZON", "fulfillmentStatuses": "SHIPPED"}, {"fba"}),
            ({"fulfilledBy": "MERCHANT", "fulfillmentStatuses": "SHIPPED"}, {"sfp"}),
            ({"fulfilledBy": "AMAZON", "fulfillmentStatuses": "UNSHIPPED"}, set()),
        ],
    )
    def test_filters(
        self, amazon: SimulatedAmazon, params: dict[str, Any], kinds: set[str]
    ) -> None:
        placed = amazon.place(account="acme", count=60)
        kind_of = {order["order_id"]: order["kind"] for order in placed}

        found = amazon.found(**params)

        assert {kind_of[order["orderId"]] for order in found} == kinds
        assert len(found) == sum(kind in kinds for kind in kind_of.values())

    def test_filters_by_marketplace(self, amazon: SimulatedAmazon) -> None:
        placed = amazon.place(account="acme", count=60)
        wanted = {"ATVPDKIKX0DER", "A1VC38T7YXB528"}

        found = amazon.found(marketplaceIds=",".join(wanted))

        assert {o["salesChannel"]["marketplaceId"] for o in found} == wanted
        assert len(found) == sum(order["marketplace_id"] in wanted for order in placed)

    def test_sends_only_the_sections_that_were_asked_for(self, amazon: SimulatedAmazon) -> None:
        amazon.place(account="acme", mix={"mfn": 1})

        (bare,) = amazon.found()
        (some,) = amazon.found(includedData="BUYER,PROCEEDS")
        (whole,) = amazon.found(includedData=ALL)

        assert set(some) - set(bare) == {"buyer", "proceeds"}
        assert set(whole) - set(bare) == {"buyer", "recipient", "proceeds", "payment"} | {
            "fulfillment"
        }

    def test_leaves_out_persons_without_the_role(self, amazon: SimulatedAmazon) -> None:
        amazon.place(account="roleless", mix={"mfn": 1})

        (order,) = amazon.found(account="roleless", includedData=ALL)
        amazon.http.post("/_control/accounts/roleless", json={"restricted_role": True})
        (with_role,) = amazon.found(account="roleless", includedData=ALL)

        assert "buyerName" not in order["buyer"]
        assert "addressLine1" not in order["recipient"]["deliveryAddress"]
        assert with_role["buyer"]["buyerName"]
        assert with_role["recipient"]["deliveryAddress"]["addressLine1"]

    def test_writes_down_what_it_told(self, amazon: SimulatedAmazon) -> None:
        (order,) = amazon.place(account="acme", mix={"mfn": 1})

        amazon.found(includedData="BUYER")

        (entry,) = amazon.journal("searchOrders")
        assert (entry["status"], entry["detail"]["account"]) == (200, "acme")
        assert entry["detail"]["told"] == {order["order_id"]: order["updated"]}
        assert entry["detail"]["asked"]["includedData"] == "BUYER"


class TestGetOrder:
    def test_shows_the_order(self, amazon: SimulatedAmazon) -> None:
        (order,) = amazon.place(account="acme", mix={"mfn": 1})

        answer = amazon.order(order["order_id"], includedData="FULFILLMENT")

        assert answer.status_code == 200
        assert set(answer.json()) == {"order"}
        assert answer.json()["order"]["orderId"] == order["order_id"]
        assert answer.json()["order"]["fulfillment"]["fulfillmentStatus"] == "UNSHIPPED"

    def test_shows_a_change_at_once(self, amazon: SimulatedAmazon) -> None:
        (order,) = amazon.place(account="acme", age_s=0, mix={"mfn": 1})
        amazon.change(order["order_id"], "ship")

        shown = amazon.order(order["order_id"], includedData="FULFILLMENT").json()["order"]

        assert shown["fulfillment"]["fulfillmentStatus"] == "SHIPPED"
        assert shown["lastUpdatedTime"] > shown["createdTime"]

    @pytest.mark.parametrize("order_id", ["111-1", "TEST_CASE_400", "111-0000000-00000000"])
    def test_refuses_what_is_no_order_id(self, amazon: SimulatedAmazon, order_id: str) -> None:
        assert error_of(amazon.order(order_id))[:2] == (400, "InvalidInput")

    def test_refuses_a_section_that_does_not_exist(self, amazon: SimulatedAmazon) -> None:
        (order,) = amazon.place(account="acme")

        answer = amazon.order(order["order_id"], includedData="PRICES")

        assert error_of(answer)[:2] == (400, "InvalidInput")

    def test_does_not_find_what_is_not_there(self, amazon: SimulatedAmazon) -> None:
        assert error_of(amazon.order("111-0000000-0000000"))[:2] == (404, "NotFound")

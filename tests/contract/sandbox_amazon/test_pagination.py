from __future__ import annotations

from typing import Any

import pytest

from isthmus_sandbox.amazon.orders import moment
from tests.contract.sandbox_amazon.world import Json, SimulatedAmazon, error_of
from tests.unit.sandbox.stopped_clock import StoppedClock

AFTER = "2026-11-20T00:00:00Z"
CREATED: dict[str, Any] = {"lastUpdatedAfter": None, "createdAfter": AFTER}


def first_page(amazon: SimulatedAmazon, **params: Any) -> Json:
    body: Json = amazon.search(lastUpdatedAfter=AFTER, maxResultsPerPage=3, **params).json()
    return body


def next_token(page: Json) -> str:
    return str(page["pagination"]["nextToken"])


def refusal(amazon: SimulatedAmazon, token: str, **params: Any) -> str:
    whole = {"lastUpdatedAfter": AFTER, "maxResultsPerPage": 3, **params}
    status, code, message = error_of(amazon.search(paginationToken=token, **whole))
    assert (status, code) == (400, "InvalidInput")
    return message


class TestPagination:
    @pytest.mark.parametrize("family", [{"lastUpdatedAfter": AFTER}, CREATED])
    def test_shows_every_order_once_in_order(
        self, amazon: SimulatedAmazon, family: dict[str, Any]
    ) -> None:
        placed = amazon.place(account="acme", count=20, spread_s=60)
        told: list[str] = []
        params: dict[str, Any] = {**family, "maxResultsPerPage": 7}
        sizes = []
        while True:
            page = amazon.search(**params).json()
            told += [order["orderId"] for order in page["orders"]]
            sizes.append(len(page["orders"]))
            if "pagination" not in page:
                break
            params["paginationToken"] = next_token(page)

        assert sizes == [7, 7, 6]
        assert sorted(told) == sorted(order["order_id"] for order in placed)

    def test_gives_no_token_with_a_page_that_is_just_full(self, amazon: SimulatedAmazon) -> None:
        amazon.place(account="acme", count=3)

        assert "pagination" not in first_page(amazon)

    def test_keeps_orders_of_one_moment_apart(
        self, amazon: SimulatedAmazon, clock: StoppedClock
    ) -> None:
        for order in amazon.place(account="acme", count=7, mix={"mfn": 1}):
            amazon.change(order["order_id"], "touch")  # all now, at the stopped clock's time
        clock.advance(120)

        first = first_page(amazon)
        second = first_page(amazon, paginationToken=next_token(first))
        third = first_page(amazon, paginationToken=next_token(second))

        pages = [first, second, third]
        assert {o["lastUpdatedTime"] for p in pages for o in p["orders"]} == {
            "2026-11-23T12:00:00.000Z"
        }
        assert len({o["orderId"] for p in pages for o in p["orders"]}) == 7

    def test_keeps_the_bound_of_the_first_page(
        self, amazon: SimulatedAmazon, clock: StoppedClock
    ) -> None:
        amazon.place(account="acme", count=5, mix={"mfn": 1})
        first = first_page(amazon)
        clock.advance(60)

        second = first_page(amazon, paginationToken=next_token(first))

        assert second["lastUpdatedBefore"] == first["lastUpdatedBefore"]

    def test_moves_an_order_changed_meanwhile_to_the_next_window(
        self, amazon: SimulatedAmazon, clock: StoppedClock
    ) -> None:
        placed = amazon.place(account="acme", count=5, mix={"mfn": 1}, spread_s=60)
        first = first_page(amazon)
        last_id = placed[-1]["order_id"]
        amazon.change(last_id, "ship")
        clock.advance(120)

        second = first_page(amazon, paginationToken=next_token(first))
        next_window = amazon.found(lastUpdatedAfter=first["lastUpdatedBefore"])

        assert last_id not in [order["orderId"] for order in second["orders"]]
        assert [order["orderId"] for order in next_window] == [last_id]

    @pytest.mark.parametrize(
        "changed",
        [
            {"lastUpdatedAfter": "2026-11-20T00:00:01Z"},
            {"lastUpdatedBefore": "2026-11-23T11:00:00Z"},
            CREATED,
            {"marketplaceIds": "ATVPDKIKX0DER"},
            {"fulfillmentStatuses": "SHIPPED"},
            {"fulfilledBy": "AMAZON"},
            {"includedData": "BUYER"},
            {"maxResultsPerPage": 4},
        ],
    )
    def test_refuses_a_token_with_other_filters(
        self, amazon: SimulatedAmazon, changed: dict[str, Any]
    ) -> None:
        amazon.place(account="acme", count=5)
        token = next_token(first_page(amazon))

        assert "have changed" in refusal(amazon, token, **changed)

    def test_takes_lists_in_another_order(self, amazon: SimulatedAmazon) -> None:
        amazon.place(account="acme", count=5, mix={"mfn": 1})
        token = next_token(first_page(amazon, includedData="BUYER,TAX"))

        answer = first_page(amazon, includedData="TAX,BUYER", paginationToken=token)

        assert len(answer["orders"]) == 2

    def test_refuses_another_sellers_token(self, amazon: SimulatedAmazon) -> None:
        amazon.place(account="acme", count=5)
        token = next_token(first_page(amazon))

        assert "invalid" in refusal(amazon, token, account="roleless")

    @pytest.mark.parametrize("at", [0, 30, -2])
    def test_refuses_a_forged_token(self, amazon: SimulatedAmazon, at: int) -> None:
        amazon.place(account="acme", count=5)
        token = list(next_token(first_page(amazon)))
        token[at] = "A" if token[at] != "A" else "B"

        assert "invalid" in refusal(amazon, "".join(token))

    def test_refuses_a_token_after_a_day(
        self, amazon: SimulatedAmazon, clock: StoppedClock
    ) -> None:
        amazon.place(account="acme", count=5)
        token = next_token(first_page(amazon))
        clock.advance(24 * 3600)
        assert amazon.search(
            lastUpdatedAfter=AFTER, maxResultsPerPage=3, paginationToken=token
        ).is_success

        clock.advance(1)

        assert "expired" in refusal(amazon, token)

    def test_survives_a_new_token_of_access(
        self, amazon: SimulatedAmazon, clock: StoppedClock
    ) -> None:
        amazon.place(account="acme", count=5)
        token = next_token(first_page(amazon))
        clock.advance(3700)

        page = first_page(amazon, paginationToken=token)

        assert len(page["orders"]) == 2
        assert page["lastUpdatedBefore"] < moment(clock.now())

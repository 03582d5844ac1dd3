"""Each fault as a client sees it, over a real connection to a real server."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import pytest

from tests.contract.sandbox_amazon.world import ORDERS, Json, SimulatedAmazon, error_of


@pytest.fixture
def amazon(served: SimulatedAmazon) -> Iterator[SimulatedAmazon]:
    yield served
    served.http.delete("/_control/faults").raise_for_status()


@pytest.fixture
def order_id(amazon: SimulatedAmazon) -> str:
    (order,) = amazon.place(mix={"mfn": 1})
    return str(order["order_id"])


def called(amazon: SimulatedAmazon, order_id: str) -> httpx.Response:
    token = amazon.token("seller-1")
    return amazon.order(order_id, token=token)


def last_entry(amazon: SimulatedAmazon, order_id: str) -> Json:
    return [entry for entry in amazon.journal("getOrder") if entry["key"] == order_id][-1]


class TestFaults:
    def test_429(self, amazon: SimulatedAmazon, order_id: str) -> None:
        amazon.strike({"kind": "status_429", "operation": "getOrder", "count": 1})

        assert error_of(called(amazon, order_id))[:2] == (429, "QuotaExceeded")
        assert called(amazon, order_id).status_code == 200

    def test_503_in_html(self, amazon: SimulatedAmazon, order_id: str) -> None:
        amazon.strike({"kind": "status_503_html", "operation": "getOrder", "count": 1})

        answer = called(amazon, order_id)

        assert answer.status_code == 503
        assert answer.headers["content-type"].startswith("text/html")
        assert "503 Service Temporarily Unavailable" in answer.text
        assert last_entry(amazon, order_id)["fault"] == "status_503_html"

    def test_expired_token_until_a_new_one_is_fetched(
        self, amazon: SimulatedAmazon, order_id: str
    ) -> None:
        token = amazon.token("seller-1")
        amazon.strike({"kind": "expired_token", "operation": "getOrder", "count": 1})

        first = amazon.order(order_id, token=token)
        again = amazon.order(order_id, token=token)

        assert error_of(first)[:2] == (403, "Unauthorized")
        assert "expired" in error_of(first)[2]
        assert error_of(again) == error_of(first)
        assert called(amazon, order_id).status_code == 200

    def test_slow_by_the_scaled_delay(self, amazon: SimulatedAmazon, order_id: str) -> None:
        amazon.strike({"kind": "slow", "operation": "getOrder", "count": 1, "delay_s": 40})

        began = time.monotonic()
        answer = called(amazon, order_id)

        assert answer.status_code == 200
        assert time.monotonic() - began >= 0.4

    @pytest.mark.parametrize(("when", "told"), [("before", None), ("after", {})])
    def test_reset_of_the_connection(
        self, amazon: SimulatedAmazon, order_id: str, when: str, told: Json | None
    ) -> None:
        amazon.strike({"kind": "reset", "operation": "getOrder", "count": 1, "when": when})

        with pytest.raises(httpx.ReadError) as caught:
            called(amazon, order_id)

        assert "104" in str(caught.value) or "reset" in str(caught.value).lower()
        entry = last_entry(amazon, order_id)
        assert (entry["status"], entry["fault"]) == (0, "reset")
        assert ("told" in entry["detail"]) == (told is not None)
        assert called(amazon, order_id).status_code == 200

    def test_time_out_after_the_work_was_done(self, amazon: SimulatedAmazon, order_id: str) -> None:
        amazon.strike({"kind": "commit_then_timeout", "operation": "getOrder", "count": 1})
        headers = {"x-amz-access-token": amazon.token("seller-1")}

        with pytest.raises(httpx.ReadTimeout):
            amazon.http.get(f"{ORDERS}/{order_id}", headers=headers, timeout=0.1)

        entry = last_entry(amazon, order_id)
        assert (entry["status"], entry["fault"]) == (0, "commit_then_timeout")
        assert entry["detail"]["told"]

    def test_cut_at_last_of_a_client_that_waits(
        self, amazon: SimulatedAmazon, order_id: str
    ) -> None:
        amazon.strike({"kind": "commit_then_timeout", "operation": "getOrder", "delay_s": 20})

        with pytest.raises(httpx.ReadError):
            called(amazon, order_id)

    def test_of_one_order_alone(self, amazon: SimulatedAmazon, order_id: str) -> None:
        (other,) = amazon.place(mix={"mfn": 1})
        amazon.strike({"kind": "status_429", "key": order_id})

        assert called(amazon, order_id).status_code == 429
        assert called(amazon, other["order_id"]).status_code == 200

    def test_of_the_token_endpoint(self, amazon: SimulatedAmazon) -> None:
        amazon.strike({"kind": "status_503_html", "operation": "getAccessToken", "count": 1})

        assert amazon.grant(to="seller-1").status_code == 503
        assert amazon.grant(to="seller-1").status_code == 200

    def test_spare_the_token_endpoint_what_it_does_not_have(self, amazon: SimulatedAmazon) -> None:
        amazon.strike({"kind": "status_429"}, {"kind": "expired_token"})

        assert amazon.grant(to="seller-1").status_code == 200

    def test_say_how_often_they_struck(self, amazon: SimulatedAmazon, order_id: str) -> None:
        amazon.strike({"kind": "slow", "operation": "getOrder", "delay_s": 0})
        called(amazon, order_id)

        (rule,) = amazon.http.get("/_control/faults").json()

        assert (rule["kind"], rule["struck"]) == ("slow", 1)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"kind": "status_400_concurrency"},
            {"kind": "flood"},
            {"kind": "slow", "operation": "getOrders"},
            {"kind": "slow", "rate": 2},
        ],
    )
    def test_are_refused_when_they_make_no_sense(
        self, amazon: SimulatedAmazon, wrong: Json
    ) -> None:
        answer = amazon.http.post("/_control/faults", json=[wrong])

        assert answer.status_code == 422
        assert amazon.http.get("/_control/faults").json() == []


class TestServedClock:
    def test_divides_the_life_of_a_token(self, amazon: SimulatedAmazon) -> None:

        assert amazon.grant(to="seller-1").json()["expires_in"] == 36
        assert amazon.http.get("/_control/health").json()["clock_factor"] == 100

"""The strict transport inside a client of the library."""

from __future__ import annotations

import httpx
import pytest
from sp_api.api import OrdersV20260101
from sp_api.base import Client

from isthmus.amazon.answers import Answer as Success
from isthmus.amazon.calls import CallOutcome
from isthmus.amazon.client import strict_client
from isthmus.amazon.errors import AccessRefused, Throttled
from isthmus.amazon.limiter import HEADROOM, LATENESS_S
from isthmus.amazon.operations import SEARCH_ORDERS
from isthmus.amazon.transport import Connection
from isthmus.core.errors import Rejected, Retryable
from tests.unit.common.amazon.fake_amazon import EMPTY_PAGE, Answer, FakeAmazon, raises, says

EXPIRED = {"errors": [{"code": "Unauthorized", "message": "denied", "details": "expired"}]}
SWEEP = ("searchOrders", "sweep")
BURST = SEARCH_ORDERS.quota.burst
REFILL_S = 1 / (SEARCH_ORDERS.quota.rate_per_s * HEADROOM)
NEXT_S = REFILL_S + LATENESS_S


def a_client(connection: Connection) -> OrdersV20260101:
    return strict_client(
        OrdersV20260101, connection=connection, operation=SEARCH_ORDERS, purpose="sweep"
    )


def searched(amazon: FakeAmazon, **params: object) -> Success:
    answer = a_client(amazon.connection()).search_orders(marketplaceIds="", **params).payload
    assert isinstance(answer, Success)
    return answer


def sweeps(amazon: FakeAmazon) -> dict[str, int]:
    return {
        str(outcome): count
        for (*call, outcome), count in amazon.calls.outcomes.items()
        if tuple(call) == SWEEP
    }


class TestTheLibrary:
    def test_still_sends_through_the_transport_that_we_replace(self) -> None:
        client = a_client(FakeAmazon().connection())

        assert isinstance(client, Client)
        assert hasattr(Client, "_request")
        assert set(vars(client)) >= {"_transport", "_auth", "endpoint", "marketplace_id"}


class TestStrictTransport:
    def test_hands_over_the_answer_whole(self) -> None:
        body = b'{"orders":[],"headers":"x","price":1.10}'
        amazon = FakeAmazon(script=[says(body, headers={"x-amzn-RequestId": "r1"})])

        answer = searched(amazon)

        assert (answer.raw, answer.request_id) == (body, "r1")

    def test_sends_what_was_asked_and_nothing_else(self) -> None:
        amazon = FakeAmazon()

        searched(amazon, lastUpdatedAfter="2026-11-01T00:00:00Z", paginationToken=None)

        assert dict(amazon.requests[0].url.params) == {"lastUpdatedAfter": "2026-11-01T00:00:00Z"}

    def test_sends_a_token_to_the_right_host(self) -> None:
        amazon = FakeAmazon()

        searched(amazon)

        [request] = amazon.requests
        assert request.url.path == "/orders/2026-01-01/orders"
        assert request.headers["host"] == "amazon.test:8081"
        assert request.headers["x-amz-access-token"] == "Atza|1"
        assert request.headers["user-agent"].startswith("Isthmus/")

    def test_goes_where_it_was_told_whatever_the_environment_says(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SP_API_DEFAULT_MARKETPLACE", "DE")
        monkeypatch.setenv("SP_API_REFRESH_TOKEN", "somebody-elses")
        amazon = FakeAmazon()

        searched(amazon)

        assert amazon.requests[0].url.host == "amazon.test"
        assert b"somebody" not in amazon.logins[0].content

    @pytest.mark.parametrize(
        "outage",
        [
            pytest.param(says(b"<html>", status=503), id="503 in HTML"),
            pytest.param(says(b"<html>"), id="200 in HTML"),
            pytest.param(says({}, status=500), id="500"),
            pytest.param(says(b""), id="nothing"),
            pytest.param(raises(httpx.ReadTimeout), id="time-out"),
            pytest.param(raises(httpx.ConnectError), id="unreachable"),
        ],
    )
    def test_takes_no_outage_for_an_empty_answer(self, outage: Answer) -> None:
        amazon = FakeAmazon(script=[outage])

        with pytest.raises(Retryable):
            searched(amazon)

        assert sweeps(amazon) == {"unavailable": 1}

    def test_rejects_what_amazon_calls_wrong(self) -> None:
        amazon = FakeAmazon(script=[says({"errors": [{"code": "InvalidInput"}]}, status=400)])

        with pytest.raises(Rejected, match="InvalidInput"):
            searched(amazon)

        assert sweeps(amazon) == {"rejected": 1}

    def test_tries_once_more_with_a_fresh_token(self) -> None:
        amazon = FakeAmazon(script=[says(EXPIRED, status=403), says(EMPTY_PAGE)])

        searched(amazon)

        tokens = [request.headers["x-amz-access-token"] for request in amazon.requests]
        assert tokens == ["Atza|1", "Atza|2"]
        assert sweeps(amazon) == {"refused": 1, "ok": 1}

    def test_gives_up_after_a_fresh_token_is_refused_as_well(self) -> None:
        amazon = FakeAmazon(script=[says(EXPIRED, status=403)])

        with pytest.raises(AccessRefused):
            searched(amazon)

        assert len(amazon.requests) == 2

    def test_does_not_call_without_a_token(self) -> None:
        amazon = FakeAmazon(grants=[says({"error": "invalid_grant"}, status=400)])

        with pytest.raises(AccessRefused, match="authorize again"):
            searched(amazon)

        assert amazon.requests == []

    def test_does_not_call_beyond_the_quota(self) -> None:
        amazon = FakeAmazon()
        client = a_client(amazon.connection())
        for _ in range(BURST):
            client.search_orders(marketplaceIds="")

        with pytest.raises(Retryable) as refusal:
            client.search_orders(marketplaceIds="")

        assert refusal.value.after_s == pytest.approx(NEXT_S)
        assert len(amazon.requests) == BURST
        assert sweeps(amazon) == {"ok": BURST, "held_back": 1}

    def test_waits_for_a_turn_that_is_near(self) -> None:
        amazon = FakeAmazon()
        client = a_client(amazon.connection(wait_max_s=2 * NEXT_S))

        for _ in range(BURST + 1):
            client.search_orders(marketplaceIds="")

        assert amazon.clock.sleeps == [pytest.approx(NEXT_S)]

    def test_stays_away_after_a_429_until_the_bucket_refills(self) -> None:
        amazon = FakeAmazon(script=[says({}, status=429)])
        client = a_client(amazon.connection())
        with pytest.raises(Throttled) as refusal:
            client.search_orders(marketplaceIds="")
        assert refusal.value.after_s == pytest.approx(REFILL_S)

        with pytest.raises(Retryable):
            client.search_orders(marketplaceIds="")

        assert len(amazon.requests) == 1

    def test_goes_by_the_rate_that_amazon_grants(self) -> None:
        amazon = FakeAmazon(script=[says(headers={"x-amzn-RateLimit-Limit": "2.0"})])
        client = a_client(amazon.connection())
        for _ in range(BURST):
            client.search_orders(marketplaceIds="")

        with pytest.raises(Retryable) as refusal:
            client.search_orders(marketplaceIds="")

        assert refusal.value.after_s == pytest.approx(1 / (2.0 * HEADROOM) + LATENESS_S)

    def test_counts_the_seconds_of_a_call(self) -> None:
        amazon = FakeAmazon()

        def slow(_: httpx.Request) -> httpx.Response:
            amazon.clock.advance(1.5)
            return httpx.Response(200, json={"orders": []})

        amazon.script = [slow]
        searched(amazon)

        assert amazon.calls.seconds == [0, 1.5]
        assert amazon.calls.outcomes["getAccessToken", "token", CallOutcome.OK] == 1

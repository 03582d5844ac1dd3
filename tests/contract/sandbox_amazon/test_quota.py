from __future__ import annotations

from tests.contract.sandbox_amazon.world import SimulatedAmazon, error_of
from tests.unit.sandbox.stopped_clock import StoppedClock

EXCEEDED = (429, "QuotaExceeded", "You exceeded your quota for the requested resource.")


class TestQuota:
    def test_lets_twenty_searches_through_and_then_one_each_179_seconds(
        self, amazon: SimulatedAmazon, clock: StoppedClock
    ) -> None:
        token = amazon.token()

        statuses = [amazon.search(token=token).status_code for _ in range(21)]

        assert statuses == [200] * 20 + [429]
        assert error_of(amazon.search(token=token)) == EXCEEDED
        clock.advance(178)
        assert amazon.search(token=token).status_code == 429
        clock.advance(1)
        assert amazon.search(token=token).status_code == 200
        assert amazon.search(token=token).status_code == 429

    def test_lets_thirty_orders_through_and_then_one_each_2_seconds(
        self, amazon: SimulatedAmazon, clock: StoppedClock
    ) -> None:
        token = amazon.token()
        (order,) = amazon.place(account="acme")

        statuses = [amazon.order(order["order_id"], token=token).status_code for _ in range(31)]

        assert statuses == [200] * 30 + [429]
        clock.advance(2)
        assert amazon.order(order["order_id"], token=token).status_code == 200

    def test_is_each_sellers_own(self, amazon: SimulatedAmazon) -> None:
        token = amazon.token()
        for _ in range(20):
            amazon.search(token=token)

        assert amazon.search(account="acme-us").status_code == 200

    def test_is_the_sellers_not_the_tokens(self, amazon: SimulatedAmazon) -> None:
        for _ in range(20):
            amazon.search(token=amazon.token())

        assert amazon.search(token=amazon.token()).status_code == 429

    def test_is_used_up_by_wrong_requests_too(self, amazon: SimulatedAmazon) -> None:
        token = amazon.token()
        for _ in range(20):
            assert amazon.search(token=token, maxResultsPerPage=0).status_code == 400

        assert amazon.search(token=token).status_code == 429

    def test_is_not_used_up_by_strangers(self, amazon: SimulatedAmazon) -> None:
        for _ in range(30):
            amazon.search(token="Atza|forged")

        assert amazon.search().status_code == 200

    def test_is_told_with_200_400_and_404_alone(self, amazon: SimulatedAmazon) -> None:
        token = amazon.token()
        told = amazon.search(token=token)
        wrong = amazon.search(token=token, maxResultsPerPage=0)
        missing = amazon.order("111-0000000-0000000", token=token)
        denied = amazon.search(token="Atza|forged")
        for _ in range(20):
            exceeded = amazon.search(token=token)

        assert told.headers["x-amzn-RateLimit-Limit"] == "0.0056"
        assert wrong.headers["x-amzn-RateLimit-Limit"] == "0.0056"
        assert missing.headers["x-amzn-RateLimit-Limit"] == "0.5"
        assert "x-amzn-RateLimit-Limit" not in denied.headers
        assert exceeded.status_code == 429
        assert "x-amzn-RateLimit-Limit" not in exceeded.headers

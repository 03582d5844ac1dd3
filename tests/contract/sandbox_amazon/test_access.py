from __future__ import annotations

from tests.contract.sandbox_amazon.world import ORDERS, SimulatedAmazon, error_of
from tests.unit.sandbox.stopped_clock import StoppedClock

DENIED = "Access to requested resource is denied."


class TestGateway:
    def test_denies_a_call_without_a_token(self, amazon: SimulatedAmazon) -> None:
        answer = amazon.get(ORDERS, token=None)

        assert error_of(answer) == (403, "MissingAuthenticationToken", DENIED)

    def test_denies_what_is_not_an_lwa_token_in_a_form_of_its_own(
        self, amazon: SimulatedAmazon
    ) -> None:
        answer = amazon.search(token="Bearer abc")

        assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"})

    def test_denies_a_token_it_never_gave(self, amazon: SimulatedAmazon) -> None:
        status, code, details = error_of(amazon.search(token="Atza|forged"))

        assert (status, code) == (403, "Unauthorized")
        assert "malformed or invalid" in details

    def test_denies_an_expired_token(self, amazon: SimulatedAmazon, clock: StoppedClock) -> None:
        token = amazon.token()
        clock.advance(3600)

        status, code, details = error_of(amazon.search(token=token))

        assert (status, code) == (403, "Unauthorized")
        assert "expired" in details

    def test_denies_a_grantless_token(self, amazon: SimulatedAmazon) -> None:
        grant = amazon.grant(
            grant_type="client_credentials", scope="sellingpartnerapi::notifications"
        )

        assert amazon.search(token=grant.json()["access_token"]).status_code == 403

    def test_denies_a_token_of_a_seller_who_revoked(self, amazon: SimulatedAmazon) -> None:
        token = amazon.token()
        amazon.http.post("/_control/accounts/acme", json={"revoked": True})

        assert amazon.search(token=token).status_code == 403

    def test_denies_a_path_that_does_not_exist(self, amazon: SimulatedAmazon) -> None:
        answer = amazon.get("/orders/v9/orders", token=amazon.token())

        assert error_of(answer) == (403, "Unauthorized", DENIED)

    def test_denies_a_method_that_does_not_exist(self, amazon: SimulatedAmazon) -> None:
        answer = amazon.http.delete(ORDERS, headers={"x-amz-access-token": amazon.token()})

        assert error_of(answer) == (403, "Unauthorized", DENIED)

    def test_denies_a_marketplace_that_the_seller_is_not_in(self, amazon: SimulatedAmazon) -> None:
        answer = amazon.search(account="acme-us", marketplaceIds="A1PA6795UKMFR9")

        status, _, details = error_of(answer)
        assert status == 403
        assert "A1PA6795UKMFR9" in details

    def test_shows_a_seller_only_his_own(self, amazon: SimulatedAmazon) -> None:
        (mine,) = amazon.place(account="acme")
        (theirs,) = amazon.place(account="acme-us")

        assert [o["orderId"] for o in amazon.found()] == [mine["order_id"]]
        assert error_of(amazon.order(theirs["order_id"]))[:2] == (404, "NotFound")

    def test_gives_every_answer_an_id_of_its_own(self, amazon: SimulatedAmazon) -> None:
        token = amazon.token()
        answers = [
            amazon.search(token=token),
            amazon.search(token=token, fulfilledBy="NOBODY"),
            amazon.search(token="Atza|forged"),
            amazon.get("/nowhere", token=token),
        ]

        assert len({answer.headers["x-amzn-RequestId"] for answer in answers}) == 4

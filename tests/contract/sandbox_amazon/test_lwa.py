from __future__ import annotations

from typing import Any

import pytest

from tests.contract.sandbox_amazon.world import SimulatedAmazon
from tests.unit.sandbox.stopped_clock import StoppedClock

NOTIFICATIONS = "sellingpartnerapi::notifications"


class TestTokenEndpoint:
    def test_grants_an_hour_to_a_refresh_token(self, amazon: SimulatedAmazon) -> None:
        answer = amazon.grant()

        body = answer.json()
        assert answer.status_code == 200
        assert body["access_token"].startswith("Atza|")
        assert body["refresh_token"] == amazon.account()["refresh_token"]
        assert (body["token_type"], body["expires_in"]) == ("bearer", 3600)
        assert answer.headers["cache-control"] == "no-store"

    def test_grants_no_seller_to_client_credentials(self, amazon: SimulatedAmazon) -> None:
        form = {"grant_type": "client_credentials", "scope": NOTIFICATIONS}
        answer = amazon.grant(**form, refresh_token=None)

        assert answer.status_code == 200
        assert set(answer.json()) == {"access_token", "token_type", "expires_in"}

    @pytest.mark.parametrize(
        ("form", "status", "error"),
        [
            ({"grant_type": None}, 400, "invalid_request"),
            ({"grant_type": "password"}, 400, "unsupported_grant_type"),
            ({"client_id": None}, 400, "invalid_request"),
            ({"client_secret": None}, 400, "invalid_request"),
            ({"refresh_token": None}, 400, "invalid_request"),
            ({"client_id": "amzn1.application-oa2-client.0"}, 401, "invalid_client"),
            ({"client_secret": "guessed"}, 401, "invalid_client"),
            ({"refresh_token": "Atzr|guessed"}, 400, "invalid_grant"),
            ({"grant_type": "client_credentials"}, 400, "invalid_scope"),
            ({"grant_type": "client_credentials", "scope": "profile"}, 400, "invalid_scope"),
        ],
    )
    def test_refuses(
        self, amazon: SimulatedAmazon, form: dict[str, Any], status: int, error: str
    ) -> None:
        answer = amazon.grant(**form)

        assert (answer.status_code, answer.json()["error"]) == (status, error)
        assert answer.json()["error_description"]

    def test_refuses_a_token_that_another_application_was_given(
        self, amazon: SimulatedAmazon
    ) -> None:
        answer = amazon.grant(refresh_token=amazon.account("acme-us")["refresh_token"])

        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")

    def test_refuses_json(self, amazon: SimulatedAmazon) -> None:
        answer = amazon.http.post("/auth/o2/token", json={"grant_type": "refresh_token"})

        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")

    def test_refuses_the_old_secret_after_rotation(self, amazon: SimulatedAmazon) -> None:
        old = amazon.account()["client_secret"]
        amazon.http.post("/_control/accounts/acme", json={"client_secret": "new"})

        assert amazon.grant(client_secret=old).json()["error"] == "invalid_client"
        assert amazon.grant(client_secret="new").status_code == 200

    def test_refuses_after_the_seller_revoked(self, amazon: SimulatedAmazon) -> None:
        amazon.http.post("/_control/accounts/acme", json={"revoked": True})

        assert amazon.grant().json()["error"] == "invalid_grant"

    def test_writes_down_who_asked_but_no_secret(self, amazon: SimulatedAmazon) -> None:
        amazon.grant()

        (entry,) = amazon.journal("getAccessToken")
        account = amazon.account()
        assert entry["effect"] == "token issued"
        assert entry["detail"]["client_id"] == account["client_id"]
        assert account["client_secret"] not in str(entry)
        assert account["refresh_token"] not in str(entry)


class TestAccessToken:
    def test_lives_an_hour(self, amazon: SimulatedAmazon, clock: StoppedClock) -> None:
        token = amazon.token()

        clock.advance(3599)
        assert amazon.search(token=token).status_code == 200
        clock.advance(1)
        assert amazon.search(token=token).status_code == 403

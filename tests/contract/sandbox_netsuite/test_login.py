"""OAuth 2.0 client credentials: who gets a token, and what it is good for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from joserfc.jwk import ECKey, RSAKey

from isthmus_sandbox.netsuite.app import Setup, netsuite_app
from isthmus_sandbox.netsuite.auth.credentials import load_integration, make_credentials
from tests.contract.sandbox_netsuite.world import (
    RECORD,
    Client,
    SimulatedNetSuite,
    codes,
)
from tests.unit.sandbox.stopped_clock import StoppedClock


def reason(netsuite: SimulatedNetSuite, **changes: Any) -> str:
    """Ask with a changed assertion and return why it was refused."""
    answer = netsuite.grant(client_assertion=netsuite.assertion(**changes))
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"] == "invalid_grant"
    return str(answer.json()["error_description"])


class TestAToken:
    def test_is_given_for_a_signed_assertion(self, stranger: SimulatedNetSuite) -> None:
        answer = stranger.grant()

        body = answer.json()
        assert (answer.status_code, body["token_type"]) == (200, "bearer")
        assert body["expires_in"] == "3600"

    def test_is_given_for_rsa_with_pss(self, tmp_path: Path, clock: StoppedClock) -> None:
        file = make_credentials(tmp_path, algorithm="PS256", now=clock.now())
        setup = Setup(integration=load_integration(file), clock=clock)
        with TestClient(netsuite_app(setup)) as http:
            netsuite = SimulatedNetSuite(http, clock, Client.of(file))  # type: ignore[arg-type]

            assert netsuite.grant().status_code == 200

    def test_is_given_when_the_audience_is_a_list(self, stranger: SimulatedNetSuite) -> None:
        audience = [f"{str(stranger.http.base_url).rstrip('/')}/services/rest/auth/oauth2/v1/token"]

        answer = stranger.grant(client_assertion=stranger.assertion(aud=audience))

        assert answer.status_code == 200

    def test_ends_after_an_hour(self, netsuite: SimulatedNetSuite, clock: StoppedClock) -> None:
        clock.advance(3599)
        assert netsuite.get("customer/eid:AMZ-CUST-US").status_code == 200

        clock.advance(1)

        answer = netsuite.get("customer/eid:AMZ-CUST-US")
        assert (answer.status_code, codes(answer)) == (401, ["INVALID_LOGIN"])
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]

    @pytest.mark.parametrize("authorization", ["", "Bearer x", "Basic x", "Bearer"])
    def test_is_needed_by_every_call(self, stranger: SimulatedNetSuite, authorization: str) -> None:
        headers = {"Authorization": authorization}

        for path in (f"{RECORD}/customer/1", "/services/rest/system/v1/serverTime"):
            answer = stranger.http.get(path, headers=headers)
            assert (answer.status_code, codes(answer)) == (401, ["INVALID_LOGIN"])


class TestAnAssertion:
    def test_signed_by_rs256_is_refused(self, stranger: SimulatedNetSuite) -> None:
        key = RSAKey.generate_key(2048)

        assert "RS256" in reason(stranger, header={"alg": "RS256"}, key=key)

    def test_signed_by_another_key_is_refused(self, stranger: SimulatedNetSuite) -> None:
        assert "signature" in reason(stranger, key=ECKey.generate_key("P-256"))

    def test_with_another_algorithm_than_the_certificate_has_is_refused(
        self, stranger: SimulatedNetSuite
    ) -> None:
        key = RSAKey.generate_key(3072)

        assert "signature" in reason(stranger, header={"alg": "PS256"}, key=key)

    def test_that_is_none_is_refused(self, stranger: SimulatedNetSuite) -> None:
        answer = stranger.grant(client_assertion="abc")

        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")

    @pytest.mark.parametrize(
        ("header", "why"),
        [({"kid": "other"}, "kid"), ({"kid": None}, "kid"), ({"typ": "x"}, "typ")],
    )
    def test_with_a_wrong_header_is_refused(
        self, stranger: SimulatedNetSuite, header: dict[str, Any], why: str
    ) -> None:
        header = {name: value for name, value in header.items() if value is not None} or {"kid": ""}

        assert why in reason(stranger, header=header)

    @pytest.mark.parametrize(
        ("claims", "why"),
        [
            ({"iss": "other"}, "iss"),
            ({"iss": None}, "iss"),
            ({"aud": "https://elsewhere/services/rest/auth/oauth2/v1/token"}, "aud"),
            ({"aud": None}, "aud"),
            ({"scope": "restlets"}, "scope"),
            ({"scope": "rest_webservices,everything"}, "scope"),
            ({"scope": None}, "scope"),
            ({"exp": None}, "exp"),
            ({"iat": None}, "iat"),
        ],
    )
    def test_with_a_wrong_claim_is_refused(
        self, stranger: SimulatedNetSuite, claims: dict[str, Any], why: str
    ) -> None:
        assert why in reason(stranger, **claims)

    @pytest.mark.parametrize(
        ("starts_s", "ends_s", "why"),
        [(0, 3600, "60 minutes"), (-3599, 0, "expired"), (120, 600, "future")],
    )
    def test_at_a_wrong_time_is_refused(
        self, stranger: SimulatedNetSuite, starts_s: int, ends_s: int, why: str
    ) -> None:
        now = int(stranger.clock.now().timestamp())

        assert why in reason(stranger, iat=now + starts_s, exp=now + ends_s)

    def test_under_an_expired_certificate_is_refused(
        self, stranger: SimulatedNetSuite, clock: StoppedClock
    ) -> None:
        clock.advance(731 * 86_400)

        assert "certificate is not valid" in reason(stranger)

    @pytest.mark.parametrize(
        ("form", "error"),
        [
            ({"grant_type": "refresh_token"}, "unsupported_grant_type"),
            ({"client_assertion_type": "saml"}, "invalid_request"),
        ],
    )
    def test_in_a_wrong_form_is_refused(
        self, stranger: SimulatedNetSuite, form: dict[str, str], error: str
    ) -> None:
        answer = stranger.grant(**form)

        assert (answer.status_code, answer.json()["error"]) == (400, error)

    def test_is_written_down_with_its_reason(self, stranger: SimulatedNetSuite) -> None:
        stranger.grant(client_assertion=stranger.assertion(iss="other"))

        [entry] = stranger.journal("token")
        assert (entry["status"], entry["effect"]) == (400, "refused")
        assert "iss" in entry["detail"]["reason"]

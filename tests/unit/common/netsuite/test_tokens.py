"""The access token."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from isthmus.core.errors import Retryable
from isthmus.netsuite.errors import LoginRefused
from isthmus.testing.clock import VirtualClock
from tests.unit.common.netsuite.parts import BASE, INTENT, Wire, a_pem, token_answer, wire


def answers(count: int) -> list[httpx.Response]:
    return [httpx.Response(200, json={"id": "1"}) for _ in range(count)]


def ask(end: Wire, times: int = 1, *, advance_s: float = 0, **changes: object) -> list[str]:
    client = end.client(**changes)
    for _ in range(times):
        client.records.find("customer", "A", fields=[], intent=INTENT)
        end.clock.advance(advance_s)
    return [one.headers["Authorization"].removeprefix("Bearer ") for one in end.sent]


class TestTokenSource:
    def test_asks_with_a_signed_assertion(self) -> None:
        end = wire(*answers(1))

        ask(end)

        [asked] = end.tokens_asked
        form = {name: value for name, [value] in parse_qs(asked.content.decode()).items()}
        key = ECKey.import_key(a_pem())
        claims = jwt.decode(form.pop("client_assertion"), key, algorithms=["ES256"]).claims
        assert form == {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        }
        assert claims["aud"] == f"{BASE}/services/rest/auth/oauth2/v1/token"
        assert asked.headers["Content-Type"] == "application/x-www-form-urlencoded"

    def test_is_renewed_at_four_fifths_of_the_life_that_the_answer_names(self) -> None:
        end = wire(*answers(3))

        used = ask(end, 3, advance_s=1440)

        assert used == ["token-1", "token-1", "token-2"]

    @pytest.mark.parametrize("life_s", ["3600", 3600])
    def test_reads_a_life_written_either_way(self, life_s: object) -> None:
        end = wire(*answers(2), tokens=[token_answer("a", life_s), token_answer("b", life_s)])

        assert ask(end, 2, advance_s=2879) == ["a", "a"]

    def test_goes_on_with_the_old_one_while_renewal_fails(self) -> None:
        end = wire(*answers(2), tokens=[token_answer("old"), httpx.ConnectError("down")])

        assert ask(end, 2, advance_s=3000) == ["old", "old"]

    def test_is_over_at_its_end(self) -> None:
        end = wire(*answers(1), tokens=[token_answer("old"), httpx.ConnectError("down")])

        with pytest.raises(Retryable):
            ask(end, 2, advance_s=3600)

        assert len(end.sent) == 1

    @pytest.mark.parametrize(
        "failure",
        [
            httpx.ConnectError("down"),
            httpx.Response(503, text="<html>Maintenance</html>"),
            httpx.Response(429, text=""),
            httpx.Response(200, text="<html>"),
            httpx.Response(200, json={"access_token": ""}),
            httpx.Response(200, json={"access_token": "a", "expires_in": -1}),
        ],
    )
    def test_leaves_a_failing_endpoint_alone_for_a_moment(
        self, failure: httpx.Response | httpx.RequestError
    ) -> None:
        end = wire(*answers(1), tokens=[failure, token_answer()])
        client = end.client(token_pause_s=5)

        for _ in range(3):
            with pytest.raises(Retryable):
                client.records.find("customer", "A", fields=[], intent=INTENT)
        assert len(end.tokens_asked) == 1
        end.clock.advance(5)
        client.records.find("customer", "A", fields=[], intent=INTENT)

        assert len(end.sent) == 1

    def test_pauses_shorter_in_a_rehearsal(self) -> None:
        end = wire(tokens=[httpx.Response(401, json={"error": "invalid_client"})])
        end.clock = VirtualClock(factor=60)
        client = end.client(login_pause_s=60)

        with pytest.raises(LoginRefused, match="invalid_client"):
            client.records.find("customer", "A", fields=[], intent=INTENT)
        end.clock.advance(0.5)
        with pytest.raises(LoginRefused) as raised:
            client.records.find("customer", "A", fields=[], intent=INTENT)

        assert raised.value.after_s == pytest.approx(0.5)

    def test_is_fetched_once_for_all_threads(self) -> None:
        end = wire(*answers(8))
        client = end.client()
        together = threading.Barrier(8)

        def one() -> None:
            together.wait()
            client.records.find("customer", "A", fields=[], intent=INTENT)

        with ThreadPoolExecutor(8) as pool:
            for done in [pool.submit(one) for _ in range(8)]:
                done.result(timeout=30)

        assert len(end.tokens_asked) == 1

"""Login with Amazon."""

from __future__ import annotations

import importlib.metadata
from urllib.parse import parse_qs

import httpx
import pytest

from isthmus.amazon.calls import CallOutcome
from isthmus.amazon.errors import AccessRefused, Throttled
from isthmus.amazon.grants import Grant
from isthmus.core.errors import Rejected, Retryable
from tests.unit.common.amazon.fake_amazon import Answer, FakeAmazon, raises, says, some_credentials

LOGIN = ("getAccessToken", "token")


class TestTheLibrary:
    def test_is_the_version_whose_private_parts_are_replaced(self) -> None:
        assert importlib.metadata.version("python-amazon-sp-api") == "2.1.35"


class TestLogin:
    def test_asks_as_amazon_wants_to_be_asked(self) -> None:
        amazon = FakeAmazon()

        grant = amazon.login()()

        [request] = amazon.logins
        assert grant == Grant("Atza|1", 3600)
        assert (request.method, str(request.url)) == (
            "POST",
            "http://amazon.test:8081/auth/o2/token",
        )
        assert parse_qs(request.content.decode()) == {
            "grant_type": ["refresh_token"],
            "client_id": ["amzn1.application-oa2-client.1"],
            "client_secret": ["hush-secret"],
            "refresh_token": ["Atzr|hush-refresh"],
        }

    def test_asks_anew_each_time_past_the_cache_of_the_library(self) -> None:
        amazon = FakeAmazon()
        login = amazon.login()

        assert [login().access_token, login().access_token] == ["Atza|1", "Atza|2"]

    @pytest.mark.parametrize(
        ("answer", "error", "words"),
        [
            (says({"error": "invalid_grant"}, status=400), AccessRefused, "authorize again"),
            (says({"error": "invalid_client"}, status=401), AccessRefused, "rotated"),
            (says({"error": "unauthorized_client"}, status=400), AccessRefused, "pair"),
            (says({"error": "invalid_request"}, status=400), AccessRefused, "Seller Central"),
            (says({"error": 7}, status=400), AccessRefused, "no reason given"),
            (says({}, status=429), Throttled, "429"),
            (says({}, status=500), Retryable, "500"),
            (says(b"<html>", status=503), Retryable, "503"),
            (says(b"<html>", status=403), Retryable, "403"),
            (says(b"<html>"), Retryable, "200"),
            (says({"token_type": "bearer"}), Retryable, "without a token"),
            (raises(httpx.ReadTimeout), Retryable, "in time"),
        ],
    )
    def test_tells_what_to_do(self, answer: Answer, error: type[Exception], words: str) -> None:
        amazon = FakeAmazon(grants=[answer])

        with pytest.raises((Rejected, Retryable), match=words) as refusal:
            amazon.login()()

        assert type(refusal.value) is error

    def test_is_counted(self) -> None:
        amazon = FakeAmazon(
            grants=[says({}, status=429), says(b"", status=503), says({}, status=401)]
        )
        login = amazon.login()

        for _ in range(3):
            with pytest.raises((Rejected, Retryable)):
                login()

        assert amazon.calls.outcomes == {
            (*LOGIN, CallOutcome.THROTTLED): 1,
            (*LOGIN, CallOutcome.UNAVAILABLE): 1,
            (*LOGIN, CallOutcome.REFUSED): 1,
        }

    def test_shows_no_secret(self) -> None:
        assert "hush" not in repr(some_credentials())
        assert "Atza" not in repr(Grant("Atza|1", 3600))

"""What an answer is worth."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import msgspec
import pytest

from isthmus.amazon.answers import answer_of, granted_rate_per_s
from isthmus.amazon.errors import AccessRefused, Throttled
from isthmus.amazon.exchange import Exchange
from isthmus.core.errors import Rejected, Retryable

HTML = b"<html><title>503 Service Temporarily Unavailable</title></html>"
QUOTA = b'{"errors":[{"code":"QuotaExceeded","message":"You exceeded your quota.","details":""}]}'
INVALID = b'{"errors":[{"code":"InvalidInput","message":"Invalid Input"}]}'
DENIED = b'{"errors":[{"code":"Unauthorized","message":"Access is denied.","details":"expired"}]}'


def an_exchange(
    body: bytes, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Exchange:
    return Exchange(status, headers or {"x-amzn-RequestId": "req-1"}, body)


class Price(msgspec.Struct):
    amount: Decimal


class TestAnswerOf:
    def test_is_the_answer_of_a_success(self) -> None:
        answer = answer_of(an_exchange(b'{"orders":[]}'), operation="searchOrders")

        assert (answer.raw, answer.request_id) == (b'{"orders":[]}', "req-1")

    @pytest.mark.parametrize("body", [b'{"amount":"19.90"}', b'{"amount":19.90}'])
    def test_reads_money_as_decimals(self, body: bytes) -> None:
        answer = answer_of(an_exchange(body), operation="searchOrders")

        assert str(answer.read(Price).amount) == "19.90"

    @pytest.mark.parametrize(
        "body",
        [
            pytest.param(HTML, id="a page of HTML"),
            pytest.param(b"", id="nothing"),
            pytest.param(b"[]", id="a list"),
            pytest.param(b'{"orders":[', id="half an answer"),
            pytest.param(b"[" * 100_000, id="brackets without end"),
            pytest.param(INVALID, id="errors"),
            pytest.param(b'{"errors":"many"}', id="errors in an unknown form"),
        ],
    )
    def test_is_never_a_success_without_a_json_object_free_of_errors(self, body: bytes) -> None:
        with pytest.raises(Retryable):
            answer_of(an_exchange(body), operation="searchOrders")

    @pytest.mark.parametrize(
        ("status", "body", "error"),
        [
            (400, INVALID, Rejected),
            (404, INVALID, Rejected),
            (413, b"", Rejected),
            (401, b'{"message":"Unauthorized"}', AccessRefused),
            (403, DENIED, AccessRefused),
            (403, b"", AccessRefused),
            (403, HTML, Retryable),
            (400, HTML, Retryable),
            (429, QUOTA, Throttled),
            (429, HTML, Throttled),
            (500, INVALID, Retryable),
            (503, HTML, Retryable),
            (503, b"{}", Retryable),
            (302, b"{}", Retryable),
            (204, b"", Retryable),
        ],
    )
    def test_tells_the_caller_what_to_do(
        self, status: int, body: bytes, error: type[Exception]
    ) -> None:
        with pytest.raises((Rejected, Retryable)) as refusal:
            answer_of(an_exchange(body, status=status), operation="searchOrders")

        assert type(refusal.value) is error

    def test_says_status_code_message_and_request(self) -> None:
        with pytest.raises(Rejected) as refusal:
            answer_of(an_exchange(INVALID, status=400), operation="searchOrders")

        assert str(refusal.value) == (
            "searchOrders answered 400: InvalidInput Invalid Input (request req-1)"
        )

    def test_says_what_a_gateway_says(self) -> None:
        exchange = an_exchange(b'{"message":"Forbidden"}', status=401)

        with pytest.raises(AccessRefused, match=r"401: Forbidden .*Remedy: check"):
            answer_of(exchange, operation="searchOrders")


class TestAnswer:
    @pytest.mark.parametrize("body", [b'{"price":1}', b'{"amount":"a lot"}', b'{"amount":"\xff"}'])
    def test_is_retried_when_it_is_not_what_was_asked_for(self, body: bytes) -> None:
        answer = answer_of(an_exchange(body), operation="searchOrders")

        with pytest.raises(Retryable, match="req-1 is not a Price"):
            answer.read(Price)


class TestGrantedRate:
    def test_is_what_the_header_says(self) -> None:
        exchange = an_exchange(b"{}", headers={"x-amzn-RateLimit-Limit": "0.0056"})

        assert granted_rate_per_s(exchange) == pytest.approx(0.0056)

    @pytest.mark.parametrize("headers", [{"x-other": "1"}, {"x-amzn-RateLimit-Limit": "many"}])
    def test_is_unknown_otherwise(self, headers: dict[str, str]) -> None:
        assert granted_rate_per_s(an_exchange(b"{}", headers=headers)) is None

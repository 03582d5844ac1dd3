"""One call: permit, token, ownership, exchange, verdict, count."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from isthmus.core.errors import Rejected, Retryable, Unknown
from isthmus.netsuite.errors import ConcurrencyRefused, LoginRefused
from tests.unit.common.netsuite.parts import INTENT, Wire, complaint, wire

CREATED = httpx.Response(204, headers={"Location": "https://host/record/v1/salesOrder/77"})
NOT_SENT = [
    httpx.ConnectError("refused"),
    httpx.ConnectTimeout("slow"),
    httpx.PoolTimeout("full"),
    httpx.ProxyError("no"),
]
SENT = [
    httpx.ReadTimeout("slow"),
    httpx.WriteTimeout("slow"),
    httpx.ReadError("reset"),
    httpx.WriteError("reset"),
    httpx.RemoteProtocolError("cut"),
    httpx.DecodingError("not gzip"),
]


def create(end: Wire) -> str:
    return end.client().records.create("salesOrder", {"memo": "x"}, intent=INTENT)


def read(end: Wire) -> object:
    return end.client().records.find("salesOrder", "AMZ-SO-1", fields=["total"], intent=INTENT)


class TestSend:
    def test_bears_the_token_and_asks_for_strict_names(self) -> None:
        end = wire(CREATED)

        create(end)

        [sent] = end.sent
        assert sent.headers["Authorization"] == "Bearer token-1"
        assert sent.headers["X-NetSuite-PropertyNameValidation"] == "Error"
        assert sent.headers["Content-Type"] == "application/json"

    @pytest.mark.parametrize("failure", NOT_SENT, ids=lambda e: type(e).__name__)
    def test_knows_that_nothing_was_sent(self, failure: httpx.RequestError) -> None:
        with pytest.raises(Retryable) as raised:
            create(wire(failure))

        assert type(raised.value) is Retryable
        assert raised.value.reason_class == "unreachable"

    @pytest.mark.parametrize("failure", SENT, ids=lambda e: type(e).__name__)
    def test_does_not_know_what_came_of_a_write_without_an_answer(
        self, failure: httpx.RequestError
    ) -> None:
        with pytest.raises(Unknown):
            create(wire(failure))

    @pytest.mark.parametrize("failure", SENT, ids=lambda e: type(e).__name__)
    def test_may_repeat_a_read_without_an_answer(self, failure: httpx.RequestError) -> None:
        with pytest.raises(Retryable) as raised:
            read(wire(failure))

        assert type(raised.value) is Retryable

    def test_lets_a_bug_of_ours_through(self) -> None:
        with pytest.raises(httpx.LocalProtocolError):
            create(wire(httpx.LocalProtocolError("an illegal header")))

    def test_never_repeats_a_refused_request(self) -> None:
        end = wire(complaint(429, "CONCURRENCY_LIMIT_EXCEEDED"))

        with pytest.raises(ConcurrencyRefused):
            create(end)

        assert len(end.sent) == 1

    def test_sends_nothing_for_a_record_that_went_to_another_worker(self) -> None:
        end = wire()
        lost = replace(INTENT, is_current=lambda: False)

        with pytest.raises(Retryable) as raised:
            end.client().records.create("salesOrder", {}, intent=lost)

        assert raised.value.reason_class == "not-current"
        assert end.sent == []

    def test_sends_nothing_behind_the_deadline(self) -> None:
        end = wire()
        client = end.client()
        late = replace(INTENT, deadline=-1.0)

        with pytest.raises(Retryable) as raised:
            client.records.create("salesOrder", {}, intent=late)

        assert type(raised.value) is Retryable
        assert end.sent == []

    def test_waits_no_longer_than_the_deadline(self) -> None:
        end = wire(CREATED)
        soon = replace(INTENT, deadline=7.5)

        end.client(answer_timeout_s=120, connect_timeout_s=10).records.create(
            "salesOrder", {}, intent=soon
        )

        timeout = end.sent[0].extensions["timeout"]
        assert timeout == {"connect": 7.5, "pool": 7.5, "read": 7.5, "write": 7.5}

    def test_gives_up_on_an_answer_that_drips(self) -> None:
        end = wire(CREATED, httpx.Response(204, content=b"x"))
        client = end.client(answer_timeout_s=60)
        client.records.create("salesOrder", {}, intent=INTENT)
        end.on_request = lambda: end.clock.advance(61)

        with pytest.raises(Unknown) as raised:
            client.records.create("salesOrder", {}, intent=INTENT)

        assert raised.value.reason_class == "timeout"

    def test_gives_up_on_an_answer_without_end(self) -> None:
        end = wire(httpx.Response(200, content=b"x" * 70_000))

        with pytest.raises(Retryable) as raised:
            end.client(answer_bytes=65_536).records.find("item", "A", fields=[], intent=INTENT)

        assert raised.value.reason_class == "answer-too-large"

    def test_counts_every_request_with_what_came_of_it(self) -> None:
        end = wire(CREATED, complaint(400, "INVALID_CONTENT"), httpx.ReadTimeout("slow"))
        client = end.client()

        client.records.create("salesOrder", {}, intent=INTENT)
        with pytest.raises(Rejected):
            client.records.create("salesOrder", {}, intent=INTENT)
        with pytest.raises(Retryable):
            client.records.find("salesOrder", "A", fields=[], intent=INTENT)

        assert end.counted == [
            ("token", "token", "ok"),
            ("create salesOrder", "test", "ok"),
            ("create salesOrder", "test", "invalid-content"),
            ("find salesOrder", "test", "timeout"),
        ]


class TestRefusedLogin:
    def test_is_tried_once_more_with_a_fresh_token(self) -> None:
        end = wire(complaint(401, "INVALID_LOGIN"), CREATED)

        assert create(end) == "77"

        assert [one.headers["Authorization"] for one in end.sent] == [
            "Bearer token-1",
            "Bearer token-2",
        ]

    def test_stops_all_requests_for_a_while_when_a_fresh_token_is_refused(self) -> None:
        refused = complaint(401, "INVALID_LOGIN")
        end = wire(refused, refused, CREATED)
        client = end.client(login_pause_s=60)

        with pytest.raises(LoginRefused, match="Remedy"):
            client.records.create("salesOrder", {}, intent=INTENT)
        with pytest.raises(LoginRefused) as raised:
            client.records.create("salesOrder", {}, intent=INTENT)

        assert raised.value.after_s == 60
        assert len(end.sent) == 2
        assert len(end.tokens_asked) == 2

    def test_is_tried_again_when_the_pause_is_over(self) -> None:
        refused = complaint(401, "INVALID_LOGIN")
        end = wire(refused, refused, CREATED)
        client = end.client(login_pause_s=60)
        with pytest.raises(LoginRefused):
            client.records.create("salesOrder", {}, intent=INTENT)

        end.clock.advance(60)

        assert client.records.create("salesOrder", {}, intent=INTENT) == "77"

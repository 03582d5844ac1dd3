"""What the client makes of each fault, and what had become true meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest

from isthmus.core.errors import Rejected, Retryable, Unknown
from isthmus.netsuite.errors import ConcurrencyRefused, LoginRefused
from tests.contract.netsuite_client.conftest import made_client, served
from tests.contract.netsuite_client.subjects import (
    CUSTOMER,
    Simulated,
    an_intent,
    simulated,
    unique,
)
from tests.contract.sandbox_netsuite.world import Client


def create(subject: Simulated, external_id: str, *, within_s: float = 30) -> str:
    body = {"externalId": external_id, "companyName": external_id, **CUSTOMER}
    intent = an_intent("post", within_s=within_s)
    return subject.account.records.create("customer", body, intent=intent)


def find(subject: Simulated, external_id: str) -> object:
    return subject.account.records.find(
        "customer", external_id, fields=["externalId"], intent=an_intent("look")
    )


def is_there(subject: Simulated, external_id: str) -> bool:
    return external_id in {row["external_id"] for row in subject.behind.truth("customer")}


class TestWrite:
    @pytest.mark.parametrize("kind", ["status_429", "status_400_concurrency"])
    def test_is_not_done_when_too_many_came_at_once(self, sandbox: Simulated, kind: str) -> None:
        name = unique("AMZ-CUST")
        sandbox.behind.break_down(kind, operation="customer.create", count=1)

        with pytest.raises(ConcurrencyRefused):
            create(sandbox, name)

        assert not is_there(sandbox, name)

    @pytest.mark.parametrize(
        ("kind", "rule", "committed"),
        [
            ("status_503_html", {"when": "before"}, False),
            ("status_503_html", {"when": "after"}, True),
            ("reset", {"when": "before"}, False),
            ("reset", {"when": "after"}, True),
            ("commit_then_timeout", {"delay_s": 20}, True),
        ],
    )
    def test_is_unknown_whether_it_was_done_or_not(
        self, sandbox: Simulated, kind: str, rule: dict[str, object], committed: bool
    ) -> None:
        name = unique("AMZ-CUST")
        sandbox.behind.break_down(kind, operation="customer.create", count=1, **rule)

        with pytest.raises(Unknown):
            create(sandbox, name)

        assert is_there(sandbox, name) is committed
        assert (find(sandbox, name) is not None) is committed

    def test_is_unknown_when_the_answer_comes_behind_the_deadline(self, sandbox: Simulated) -> None:
        name = unique("AMZ-CUST")
        find(sandbox, name)
        slow = {"operation": "customer.create", "count": 1, "delay_s": 400, "when": "after"}
        sandbox.behind.break_down("slow", **slow)

        with pytest.raises(Unknown) as raised:
            create(sandbox, name, within_s=1)

        assert raised.value.reason_class == "timeout"
        assert is_there(sandbox, name)

    def test_is_done_once_when_the_token_dies_on_the_way(self, sandbox: Simulated) -> None:
        name = unique("AMZ-CUST")
        sandbox.behind.break_down("expired_token", operation="customer.create", count=1)

        create(sandbox, name)

        assert is_there(sandbox, name)
        assert sandbox.counted["create customer", "post", "login-refused"] == 1
        assert sandbox.counted["token", "token", "ok"] == 2

    def test_stops_when_each_token_dies_on_the_way(self, sandbox: Simulated) -> None:
        sandbox.behind.break_down("expired_token", operation="customer.create")

        for _ in range(3):
            with pytest.raises(LoginRefused, match="Remedy"):
                create(sandbox, unique("AMZ-CUST"))

        assert sandbox.counted["create customer", "post", "login-refused"] == 2


class TestRead:
    @pytest.mark.parametrize(
        ("kind", "rule"),
        [
            ("status_429", {}),
            ("status_400_concurrency", {}),
            ("status_503_html", {}),
            ("reset", {}),
            ("commit_then_timeout", {"delay_s": 20}),
        ],
    )
    def test_may_be_repeated_and_never_says_that_there_is_nothing(
        self, sandbox: Simulated, kind: str, rule: dict[str, object]
    ) -> None:
        name = unique("AMZ-CUST")
        create(sandbox, name)
        sandbox.behind.break_down(kind, operation="customer.read", count=1, **rule)

        with pytest.raises(Retryable) as raised:
            find(sandbox, name)

        assert not isinstance(raised.value, Unknown)
        assert find(sandbox, name) is not None


class TestLogin:
    def test_takes_the_certificate_of_an_rsa_key_as_well(self, tmp_path: Path) -> None:
        client = made_client(tmp_path / "credentials", "PS256")

        with served(client, tmp_path) as port, simulated(port, client) as subject:
            assert create(subject, unique("AMZ-CUST"))

    @pytest.mark.parametrize("wrong", [{"client_id": "other"}, {"certificate_id": "other"}])
    def test_refused_stops_all_requests_and_names_the_remedy(
        self, port: int, client: Client, wrong: dict[str, str]
    ) -> None:
        with simulated(port, client, **wrong) as subject:
            for _ in range(3):
                with pytest.raises(LoginRefused, match="Remedy"):
                    create(subject, unique("AMZ-CUST"))

        assert subject.counted == {("token", "token", "login-refused"): 1}

    @pytest.mark.parametrize("kind", ["status_503_html", "reset"])
    def test_that_fails_is_tried_again_later(self, port: int, client: Client, kind: str) -> None:
        with simulated(port, client, token_pause_s=1) as subject:
            subject.behind.break_down(kind, operation="token", count=1)
            with pytest.raises(Retryable):
                create(subject, unique("AMZ-CUST"))
            subject.clock.sleep(1)

            assert create(subject, unique("AMZ-CUST"))


class TestUnreachable:
    def test_is_known_to_have_written_nothing(self, client: Client, free_port: int) -> None:
        with (
            simulated(free_port, client) as subject,
            pytest.raises(Retryable) as raised,
        ):
            create(subject, unique("AMZ-CUST"))

        assert type(raised.value) is Retryable
        assert raised.value.reason_class == "unreachable"


class TestPersonalData:
    def test_is_struck_from_what_netsuite_quotes(self, sandbox: Simulated) -> None:
        body = {
            "externalId": unique("C"),
            "companyName": "x",
            "subsidiary": {"refName": "Jane Roe"},
        }

        with pytest.raises(Rejected) as raised:
            sandbox.account.records.create(
                "customer", body, intent=an_intent(), private=["Jane Roe"]
            )

        assert raised.value.path == "subsidiary"
        assert "Invalid Field Value" in raised.value.detail
        assert "Jane" not in raised.value.detail

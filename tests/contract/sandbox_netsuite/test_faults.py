"""Faults on demand, over real connections: what the client sees, and what is true."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest

from tests.contract.sandbox_netsuite.world import (
    STRICT,
    Json,
    SimulatedNetSuite,
    a_sale,
    codes,
)

LIMIT = 5
CREATE = "salesOrder.create"


@pytest.fixture
def body() -> Json:
    return a_sale(external_id=f"AMZ-SO-{uuid.uuid4().hex}")


def rows_of(netsuite: SimulatedNetSuite, body: Json) -> list[Json]:
    rows = netsuite.truth("salesOrder")
    return [row for row in rows if row["external_id"] == body["externalId"]]


def last(netsuite: SimulatedNetSuite, body: Json) -> tuple[Any, ...]:
    """Return status, effect and fault of the last entry about the body's external id."""
    entry = [e for e in netsuite.journal(CREATE) if e["key"] == body["externalId"]][-1]
    return entry["status"], entry["effect"], entry["fault"]


class TestAnUnknownOutcome:
    def test_of_a_commit_without_answer_leaves_one_record(
        self, served: SimulatedNetSuite, body: Json
    ) -> None:
        served.break_down("commit_then_timeout", operation=CREATE, count=1, delay_s=3600)

        with pytest.raises(httpx.ReadTimeout):
            served.http.post(
                "/services/rest/record/v1/salesOrder", json=body, headers=STRICT, timeout=1
            )

        assert len(rows_of(served, body)) == 1
        assert last(served, body) == (0, "created", "commit_then_timeout")
        assert codes(served.post("salesOrder", body)) == ["DUP_RCRD"]
        assert [row["creations"] for row in rows_of(served, body)] == [1]

    def test_of_a_commit_whose_answer_comes_too_late_leaves_one_record(
        self, served: SimulatedNetSuite, body: Json
    ) -> None:
        served.break_down("slow", operation=CREATE, count=1, delay_s=75, when="after")

        with pytest.raises(httpx.ReadTimeout):
            served.http.post(
                "/services/rest/record/v1/salesOrder", json=body, headers=STRICT, timeout=1
            )

        assert len(rows_of(served, body)) == 1

    def test_of_a_reset_after_the_effect_leaves_one_record(
        self, served: SimulatedNetSuite, body: Json
    ) -> None:
        served.break_down("reset", operation=CREATE, count=1, when="after")

        with pytest.raises(httpx.TransportError):
            served.post("salesOrder", body)

        assert len(rows_of(served, body)) == 1
        assert last(served, body) == (0, "created", "reset")

    def test_of_a_503_after_the_effect_leaves_one_record(
        self, served: SimulatedNetSuite, body: Json
    ) -> None:
        served.break_down("status_503_html", operation=CREATE, count=1, when="after")

        answer = served.post("salesOrder", body)

        assert answer.status_code == 503
        assert len(rows_of(served, body)) == 1

    def test_gives_the_slot_back(self, served: SimulatedNetSuite, body: Json) -> None:
        served.break_down("reset", operation=CREATE, count=2 * LIMIT, when="after")

        for _ in range(2 * LIMIT):
            with pytest.raises(httpx.TransportError):
                served.post("salesOrder", a_sale())

        assert served.post("salesOrder", body).status_code == 204


class TestAKnownFailure:
    def test_by_reset_before_the_effect_leaves_nothing(
        self, served: SimulatedNetSuite, body: Json
    ) -> None:
        served.break_down("reset", operation=CREATE, count=1, when="before")

        with pytest.raises(httpx.TransportError):
            served.post("salesOrder", body)

        assert rows_of(served, body) == []
        assert last(served, body) == (0, None, "reset")

    @pytest.mark.parametrize(
        ("kind", "status"), [("status_429", 429), ("status_400_concurrency", 400)]
    )
    def test_by_a_concurrency_error_leaves_nothing(
        self, served: SimulatedNetSuite, body: Json, kind: str, status: int
    ) -> None:
        served.break_down(kind, operation=CREATE, count=1)

        answer = served.post("salesOrder", body)

        assert (answer.status_code, codes(answer)) == (status, ["CONCURRENCY_LIMIT_EXCEEDED"])
        assert rows_of(served, body) == []
        assert served.post("salesOrder", body).status_code == 204

    def test_by_maintenance_is_told_in_html(self, served: SimulatedNetSuite, body: Json) -> None:
        served.break_down("status_503_html", operation=CREATE, count=1)

        answer = served.post("salesOrder", body)

        assert answer.status_code == 503
        assert answer.headers["Content-Type"].startswith("text/html")
        assert rows_of(served, body) == []

    def test_by_an_expired_token_ends_that_token(
        self, served: SimulatedNetSuite, body: Json
    ) -> None:
        served.break_down("expired_token", operation=CREATE, count=1)

        answers = [served.post("salesOrder", body) for _ in range(2)]

        assert [answer.status_code for answer in answers] == [401, 401]
        assert served.logged_in().post("salesOrder", body).status_code == 204

    def test_of_the_token_endpoint_is_one_too(self, served: SimulatedNetSuite) -> None:
        served.break_down("status_503_html", operation="token", count=1)

        assert [served.grant().status_code for _ in range(2)] == [503, 200]

    def test_strikes_the_key_it_is_for(self, served: SimulatedNetSuite, body: Json) -> None:
        served.break_down("status_429", key=body["externalId"])

        assert served.post("salesOrder", a_sale()).status_code == 204
        assert served.post("salesOrder", body).status_code == 429
        assert served.get(f"salesOrder/eid:{body['externalId']}").status_code == 429

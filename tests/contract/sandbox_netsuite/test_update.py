"""PATCH and PUT: fields stand, lines are merged, appended or replaced."""

from __future__ import annotations

import pytest

from tests.contract.sandbox_netsuite.world import (
    STRICT,
    SimulatedNetSuite,
    a_line,
    a_sale,
    codes,
    paths,
)
from tests.unit.sandbox.stopped_clock import StoppedClock

ORDER = "salesOrder/eid:AMZ-SO-1"
SALE = a_sale(external_id="AMZ-CS-1")


@pytest.fixture
def sold(netsuite: SimulatedNetSuite) -> SimulatedNetSuite:
    """One sales order of two lines is there."""
    lines = [a_line(description="first"), a_line(description="second")]
    netsuite.post("salesOrder", a_sale(external_id="AMZ-SO-1", memo="old", lines=lines))
    return netsuite


def descriptions(netsuite: SimulatedNetSuite) -> list[str]:
    return [line["description"] for line in netsuite.whole(ORDER)["item"]["items"]]


class TestAPatch:
    def test_changes_the_fields_it_has(self, sold: SimulatedNetSuite, clock: StoppedClock) -> None:
        clock.advance(60)

        answer = sold.patch(ORDER, {"memo": "new"})

        order = sold.whole(ORDER)
        assert (answer.status_code, order["memo"]) == (204, "new")
        assert order["tranDate"] == "2026-11-20"
        assert (order["createdDate"], order["lastModifiedDate"]) == (
            "2026-11-23T12:00:00Z",
            "2026-11-23T12:01:00Z",
        )

    def test_clears_a_field_by_null(self, sold: SimulatedNetSuite) -> None:
        sold.patch(ORDER, {"memo": None})

        assert "memo" not in sold.whole(ORDER)

    def test_changes_the_line_whose_key_it_has(self, sold: SimulatedNetSuite) -> None:
        sold.patch(ORDER, {"item": {"items": [{"line": 2, "quantity": 1, "rate": 10.0}]}})

        order = sold.whole(ORDER)
        assert descriptions(sold) == ["first", "second"]
        assert [line["amount"] for line in order["item"]["items"]] == [39.98, 10]
        assert order["total"] == 49.98

    def test_appends_a_line_without_key(self, sold: SimulatedNetSuite) -> None:
        sold.patch(ORDER, {"item": {"items": [a_line(description="third")]}})

        assert descriptions(sold) == ["first", "second", "third"]

    def test_replaces_the_lines_when_told_so(self, sold: SimulatedNetSuite) -> None:
        sold.patch(ORDER, {"item": {"items": [a_line(description="only")]}}, replace="item")

        assert descriptions(sold) == ["only"]

    @pytest.mark.parametrize("cleared", [None, {"items": None}, {"items": []}])
    def test_cannot_clear_the_lines(self, sold: SimulatedNetSuite, cleared: object) -> None:
        answer = sold.patch(ORDER, {"item": cleared})

        assert (codes(answer), paths(answer)) == (["USER_ERROR"], ["item"])
        assert descriptions(sold) == ["first", "second"]

    def test_refuses_lines_of_equal_keys(self, sold: SimulatedNetSuite) -> None:
        lines = [{"line": 1, "quantity": 1}, {"line": 1, "quantity": 2}]

        answer = sold.patch(ORDER, {"item": {"items": lines}})

        assert (codes(answer), paths(answer)) == (["DUPLICATE_KEYS"], ["item"])

    def test_refuses_an_external_id_in_use(self, sold: SimulatedNetSuite) -> None:
        sold.post("cashSale", SALE)

        assert codes(sold.patch(ORDER, {"externalId": "AMZ-CS-1"})) == ["DUP_RCRD"]

    def test_of_what_is_not_there_finds_nothing(self, sold: SimulatedNetSuite) -> None:
        assert sold.patch("salesOrder/eid:none", {}).status_code == 404

    def test_leaves_all_as_it_was_when_refused(self, sold: SimulatedNetSuite) -> None:
        before = sold.whole(ORDER)

        sold.patch(ORDER, {"memo": "new", "location": {"id": "99"}})

        assert sold.whole(ORDER) == before


class TestAPut:
    def test_creates_what_is_not_there(self, sold: SimulatedNetSuite) -> None:
        answer = sold.upsert("cashSale/eid:AMZ-CS-1", SALE)

        assert (answer.status_code, answer.headers["Location"][-14:]) == (204, "/cashSale/1002")
        assert sold.journal("cashSale.upsert")[0]["effect"] == "created"

    def test_sent_again_doubles_the_lines(self, sold: SimulatedNetSuite) -> None:
        sold.upsert("cashSale/eid:AMZ-CS-1", SALE)
        sold.upsert("cashSale/eid:AMZ-CS-1", SALE)

        assert sold.whole("cashSale/eid:AMZ-CS-1")["total"] == 79.96
        effects = [entry["effect"] for entry in sold.journal("cashSale.upsert")]
        assert effects == ["created", "updated"]

    def test_sent_again_to_replace_does_not(self, sold: SimulatedNetSuite) -> None:
        for _ in range(2):
            sold.upsert("cashSale/eid:AMZ-CS-1", SALE, replace="item")

        assert sold.whole("cashSale/eid:AMZ-CS-1")["total"] == 39.98

    def test_refuses_another_external_id_in_its_body(self, sold: SimulatedNetSuite) -> None:
        answer = sold.upsert("cashSale/eid:AMZ-CS-2", SALE)

        assert (codes(answer), paths(answer)) == (["INVALID_CONTENT"], ["externalId"])

    def test_takes_an_external_id_alone(self, sold: SimulatedNetSuite) -> None:
        assert codes(sold.upsert("salesOrder/1001", {})) == ["INVALID_REQUEST"]


class TestADeletion:
    def test_takes_the_record_away(self, sold: SimulatedNetSuite) -> None:
        url = f"/services/rest/record/v1/{ORDER}"

        statuses = [sold.http.delete(url, headers=STRICT).status_code for _ in range(2)]

        assert statuses == [204, 404]
        assert sold.truth("salesOrder") == []

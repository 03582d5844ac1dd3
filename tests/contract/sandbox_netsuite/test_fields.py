"""Field names and values: what is dropped in silence, what is refused, and where."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.sandbox_netsuite.world import (
    Json,
    SimulatedNetSuite,
    a_line,
    a_sale,
    codes,
    paths,
)

NAMES = "X-NetSuite-PropertyNameValidation"


class TestAnUnknownName:
    @pytest.mark.parametrize(
        ("body", "path"),
        [
            (a_sale(otherRefNumber="x"), "otherRefNumber"),
            (a_sale(custbody_amz_missing="x"), "custbody_amz_missing"),
            (a_sale(lines=[a_line(qty=1)]), "item.items[0].qty"),
            (a_sale(shippingAddress={"street": "x"}), "shippingAddress.street"),
            (a_sale(custcol_amz_sku="x"), "custcol_amz_sku"),
        ],
    )
    def test_is_an_error_when_validation_is_asked_for(
        self, netsuite: SimulatedNetSuite, body: Json, path: str
    ) -> None:
        answer = netsuite.post("salesOrder", body)

        assert (answer.status_code, codes(answer)) == (400, ["INVALID_CONTENT"])
        assert paths(answer) == [path]

    @pytest.mark.parametrize("headers", [{NAMES: "Warning"}, {NAMES: "warning"}])
    def test_is_dropped_with_a_warning_in_a_header_by_default(
        self, netsuite: SimulatedNetSuite, headers: dict[str, str]
    ) -> None:
        answer = netsuite.post("salesOrder", a_sale(otherRefNumber="x"), **headers)

        assert answer.status_code == 204
        assert "'otherRefNumber'" in answer.headers["Warning"]
        assert "otherRefNumber" not in netsuite.whole("salesOrder/1001")

    def test_is_dropped_by_default_when_no_header_is_sent(
        self, netsuite: SimulatedNetSuite
    ) -> None:
        url = "/services/rest/record/v1/salesOrder"

        answer = netsuite.http.post(url, json=a_sale(memmo="x"))

        assert (answer.status_code, "Warning" in answer.headers) == (204, True)

    def test_is_dropped_in_silence_when_that_is_asked_for(
        self, netsuite: SimulatedNetSuite
    ) -> None:
        answer = netsuite.post("salesOrder", a_sale(memmo="x"), **{NAMES: "Ignore"})

        assert (answer.status_code, "Warning" in answer.headers) == (204, False)

    def test_is_written_down(self, netsuite: SimulatedNetSuite) -> None:
        netsuite.post("salesOrder", a_sale(memmo="x"), **{NAMES: "Ignore"})

        [entry] = netsuite.journal("salesOrder.create")
        assert entry["detail"]["dropped"] == ["memmo"]

    def test_cannot_break_the_header_it_is_told_in(self, netsuite: SimulatedNetSuite) -> None:
        answer = netsuite.post("salesOrder", a_sale(**{"mémo\r\nX: y": "x"}), **{NAMES: "Warning"})

        assert answer.status_code == 204
        assert "X" not in answer.headers


class TestAReadOnlyField:
    def test_is_ignored(self, netsuite: SimulatedNetSuite) -> None:
        netsuite.post("salesOrder", a_sale(total=1.0, status={"id": "H"}, id="5"))

        sale = netsuite.whole("salesOrder/1001")
        assert (sale["total"], sale["status"]["id"]) == (39.98, "Pending Approval")


class TestAValue:
    @pytest.mark.parametrize(
        ("field", "value", "code"),
        [
            ("memo", 5, "INVALID_CONTENT"),
            ("memo", "x" * 1000, "INVALID_CONTENT"),
            ("tranDate", "20.11.2026", "INVALID_CONTENT"),
            ("tranDate", 5, "INVALID_CONTENT"),
            ("shippingCost", "4.99", "INVALID_CONTENT"),
            ("shippingCost", True, "INVALID_CONTENT"),
            ("shippingCost", 1e300, "INVALID_CONTENT"),
            ("shippingCost", 10**40, "INVALID_CONTENT"),
            ("toBeEmailed", "true", "INVALID_CONTENT"),
            ("custbody_amz_ship_by", "2026-11-20T10:00:00", "INVALID_CONTENT"),
            ("custbody_amz_ship_by", "tomorrow", "INVALID_CONTENT"),
            ("orderStatus", "B", "INVALID_CONTENT"),
            ("orderStatus", {"id": "F"}, "INVALID_KEY_OR_REF"),
            ("location", "1", "INVALID_CONTENT"),
            ("shippingAddress", "Reno", "INVALID_CONTENT"),
            ("item", [], "INVALID_CONTENT"),
            ("item", {"items": {}}, "INVALID_CONTENT"),
        ],
    )
    def test_that_does_not_fit_is_refused_with_its_place(
        self, netsuite: SimulatedNetSuite, field: str, value: Any, code: str
    ) -> None:
        answer = netsuite.post("salesOrder", a_sale(**{field: value}))

        assert (answer.status_code, codes(answer), paths(answer)) == (400, [code], [field])

    @pytest.mark.parametrize("country", ["US", {"id": "usa"}, {"id": None}, {}])
    def test_for_a_country_is_its_code(self, netsuite: SimulatedNetSuite, country: Any) -> None:
        answer = netsuite.post("salesOrder", a_sale(shippingAddress={"country": country}))

        assert paths(answer) == ["shippingAddress.country"]

    def test_is_refused_beside_all_others_that_do_not_fit(
        self, netsuite: SimulatedNetSuite
    ) -> None:
        answer = netsuite.post("salesOrder", a_sale(memo=5, email=5, lines=[a_line(quantity="2")]))

        assert sorted(filter(None, paths(answer))) == ["email", "item.items[0].quantity", "memo"]

    def test_of_money_is_rounded_to_cents(self, netsuite: SimulatedNetSuite) -> None:
        netsuite.post("salesOrder", a_sale(shippingCost=4.995))

        assert netsuite.whole("salesOrder/1001")["shippingCost"] == 5

    def test_refused_is_not_quoted_in_the_journal(self, netsuite: SimulatedNetSuite) -> None:
        netsuite.post("salesOrder", a_sale(location={"refName": "A. Buyer"}))

        [entry] = netsuite.journal("salesOrder.create")
        assert "Buyer" not in str(entry)


class TestAReference:
    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("entity", {"id": "9999"}),
            ("entity", {"id": "x"}),
            ("entity", {"id": "9" * 30}),
            ("entity", {"externalId": "AMZ-CUST-XX"}),
            ("entity", {}),
            ("location", {"id": "77"}),
            ("currency", {"refName": "XXX"}),
        ],
    )
    def test_to_nothing_is_refused_with_its_place(
        self, netsuite: SimulatedNetSuite, field: str, value: Json
    ) -> None:
        answer = netsuite.post("salesOrder", a_sale(**{field: value}))

        assert (answer.status_code, codes(answer)) == (400, ["INVALID_KEY_OR_REF"])
        assert paths(answer) == [field]

    def test_in_a_line_is_refused_with_the_number_of_the_line(
        self, netsuite: SimulatedNetSuite
    ) -> None:
        lines = [a_line(), a_line(item={"id": "9999"})]

        answer = netsuite.post("salesOrder", a_sale(lines=lines))

        assert paths(answer) == ["item.items[1].item"]
        assert "Invalid Field Value 9999 for the following field: item" in answer.text

    def test_to_an_inactive_record_is_refused(self, netsuite: SimulatedNetSuite) -> None:
        netsuite.put("inventoryItem", itemId="SKU-1", isInactive=True)

        assert paths(netsuite.post("salesOrder", a_sale())) == ["item.items[0].item"]

    def test_is_shown_by_id_and_name_however_it_was_sent(self, netsuite: SimulatedNetSuite) -> None:
        netsuite.post("salesOrder", a_sale(currency={"refName": "CAD"}, location={"id": "2"}))

        sale = netsuite.whole("salesOrder/1001")
        assert (sale["currency"]["id"], sale["currency"]["refName"]) == ("2", "CAD")
        assert (sale["location"]["id"], sale["location"]["refName"]) == ("2", "Amazon FBA")
        assert sale["entity"]["refName"] == "Amazon US"

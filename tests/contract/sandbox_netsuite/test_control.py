"""The control API and the page for people."""

from __future__ import annotations

import pytest

from tests.contract.sandbox_netsuite.world import SimulatedNetSuite, a_sale


class TestTheTruth:
    def test_tells_what_a_checker_needs_and_nothing_of_a_buyer(
        self, netsuite: SimulatedNetSuite
    ) -> None:
        address = {"addressee": "A. Buyer", "country": {"id": "US"}}
        netsuite.post(
            "salesOrder",
            a_sale(
                external_id="AMZ-SO-1",
                custbody_amz_payload_hash="sha256:ab",
                shippingAddress=address,
            ),
        )

        [row] = netsuite.truth("salesOrder")

        assert row.pop("seq") > 0
        assert row == {
            "type": "salesOrder",
            "id": "1001",
            "external_id": "AMZ-SO-1",
            "name": "SO1001",
            "payload_hash": "sha256:ab",
            "created": "2026-11-23T12:00:00.000000+00:00",
            "modified": "2026-11-23T12:00:00.000000+00:00",
            "creations": 1,
            "total": "39.98",
            "lines": 1,
        }

    def test_leaves_out_what_a_customer_is_called(self, netsuite: SimulatedNetSuite) -> None:
        [row] = netsuite.truth("customer")

        assert (row["external_id"], row["name"]) == ("AMZ-CUST-US", None)

    def test_comes_in_pages(self, netsuite: SimulatedNetSuite) -> None:
        for number in range(3):
            netsuite.post("salesOrder", a_sale(external_id=f"AMZ-SO-{number}"))

        seen, after = [], 0
        while page := netsuite.http.get(
            "/_control/records", params={"type": "salesOrder", "after": after, "limit": 2}
        ).json():
            seen += [row["external_id"] for row in page]
            after = page[-1]["seq"]

        assert seen == ["AMZ-SO-0", "AMZ-SO-1", "AMZ-SO-2"]


class TestMasterRecords:
    def test_are_created_once_and_then_updated(self, netsuite: SimulatedNetSuite) -> None:
        url = "/_control/records/inventoryItem"

        answers = [
            netsuite.http.post(url, json=[{"itemId": "SKU-2", "basePrice": price}]).json()[0]
            for price in (9.99, 10.01)
        ]

        assert [answer["created"] for answer in answers] == [True, False]
        item = netsuite.get(f"inventoryItem/{answers[0]['id']}").json()
        assert item["basePrice"] == 10.01

    @pytest.mark.parametrize("type", ["location", "subsidiary", "shipMethod", "customForm"])
    def test_can_have_the_id_that_a_mapping_names(
        self, netsuite: SimulatedNetSuite, type: str
    ) -> None:
        assert netsuite.put(type, id="206", name="Elsewhere") == "206"
        assert netsuite.put(type, id="206", name="Still elsewhere") == "206"

    def test_are_under_the_rules_of_the_record_api(self, netsuite: SimulatedNetSuite) -> None:
        for type, body in (
            ("inventoryItem", [{"itemid": "SKU-2"}]),
            ("inventoryItem", {"itemId": "SKU-2"}),
            ("inventoryItem", ["SKU-2"]),
            ("location", [{"id": "west", "name": "West"}]),
            ("salesOrder", [a_sale()]),
        ):
            answer = netsuite.http.post(f"/_control/records/{type}", json=body)
            assert answer.status_code == 400, answer.text

    def test_of_an_unknown_type_are_refused(self, netsuite: SimulatedNetSuite) -> None:
        assert netsuite.http.post("/_control/records/unicorn", json=[{}]).status_code == 404


class TestThePage:
    def test_shows_records_and_requests_but_no_buyer(self, netsuite: SimulatedNetSuite) -> None:
        address = {"addressee": "A. Buyer", "country": {"id": "US"}}
        netsuite.post("salesOrder", a_sale(external_id="AMZ-SO-1", shippingAddress=address))

        page = netsuite.http.get("/").text

        assert "AMZ-SO-1" in page
        assert "salesOrder.create" in page
        assert "Buyer" not in page

    def test_escapes_what_a_client_sent(self, netsuite: SimulatedNetSuite) -> None:
        netsuite.post("salesOrder", a_sale(external_id="<script>"))

        assert "<script>" not in netsuite.http.get("/").text


class TestHealth:
    def test_names_the_end_and_its_clock(self, netsuite: SimulatedNetSuite) -> None:
        body = netsuite.http.get("/_control/health").json()

        assert body == {"end": "netsuite", "status": "up", "clock_factor": 1.0}

"""External ids: one namespace per record group, and one record per id."""

from __future__ import annotations

import pytest

from tests.contract.sandbox_netsuite.world import SimulatedNetSuite, a_sale, codes, paths


class TestAnExternalId:
    def test_is_taken_once(self, netsuite: SimulatedNetSuite) -> None:
        netsuite.post("salesOrder", a_sale(external_id="AMZ-1"))

        answer = netsuite.post("salesOrder", a_sale(external_id="AMZ-1"))

        assert (answer.status_code, codes(answer), paths(answer)) == (
            400,
            ["DUP_RCRD"],
            ["externalId"],
        )
        assert "already exists" in answer.text
        assert [row["creations"] for row in netsuite.truth("salesOrder")] == [1]

    def test_is_taken_once_in_all_transactions(self, netsuite: SimulatedNetSuite) -> None:
        netsuite.post("salesOrder", a_sale(external_id="AMZ-1"))

        assert codes(netsuite.post("cashSale", a_sale(external_id="AMZ-1"))) == ["DUP_RCRD"]
        assert netsuite.get("cashSale/eid:AMZ-1").status_code == 404
        assert codes(netsuite.upsert("cashSale/eid:AMZ-1", a_sale(external_id="AMZ-1"))) == [
            "DUP_RCRD"
        ]

    def test_is_taken_once_in_all_items(self, netsuite: SimulatedNetSuite) -> None:
        answer = netsuite.post("kitItem", {"itemId": "KIT", "externalId": "ITEM-1"})

        assert codes(answer) == ["DUP_RCRD"]

    def test_of_another_group_is_another(self, netsuite: SimulatedNetSuite) -> None:
        answer = netsuite.post("salesOrder", a_sale(external_id="ITEM-1"))

        assert answer.status_code == 204

    def test_need_not_be(self, netsuite: SimulatedNetSuite) -> None:
        body = {name: v for name, v in a_sale().items() if name != "externalId"}

        assert [netsuite.post("salesOrder", body).status_code for _ in range(2)] == [204, 204]

    def test_is_free_after_deletion(self, netsuite: SimulatedNetSuite) -> None:
        netsuite.post("salesOrder", a_sale(external_id="AMZ-1"))
        netsuite.http.delete("/services/rest/record/v1/salesOrder/eid:AMZ-1")

        assert netsuite.post("salesOrder", a_sale(external_id="AMZ-1")).status_code == 204
        assert [row["creations"] for row in netsuite.truth("salesOrder")] == [2]

    def test_refused_is_written_down_as_a_duplicate(self, netsuite: SimulatedNetSuite) -> None:
        for _ in range(2):
            netsuite.post("salesOrder", a_sale(external_id="AMZ-1"))

        entries = netsuite.journal("salesOrder.create")
        assert [(e["key"], e["status"], e["effect"]) for e in entries] == [
            ("AMZ-1", 204, "created"),
            ("AMZ-1", 400, "duplicate"),
        ]

    @pytest.mark.parametrize("key", ["eid:A|B", "eid:", "eid:A B", "abc", "-1"])
    def test_of_other_signs_cannot_be_addressed(
        self, netsuite: SimulatedNetSuite, key: str
    ) -> None:
        answer = netsuite.get(f"salesOrder/{key}")

        assert (answer.status_code, codes(answer)) == (400, ["INVALID_REQUEST"])


class TestAName:
    def test_of_an_item_is_taken_once(self, netsuite: SimulatedNetSuite) -> None:
        answer = netsuite.post("kitItem", {"itemId": "SKU-1"})

        assert (codes(answer), paths(answer)) == (["DUP_ITEM"], ["itemId"])

    def test_of_a_customer_is_taken_once(self, netsuite: SimulatedNetSuite) -> None:
        body = {"companyName": "Amazon US", "subsidiary": {"id": "1"}}

        assert codes(netsuite.post("customer", body)) == ["UNIQUE_CUST_ID_REQD"]

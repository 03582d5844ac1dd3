"""GET: by which key, with what in it."""

from __future__ import annotations

import pytest

from tests.contract.sandbox_netsuite.world import SimulatedNetSuite, a_sale, codes


@pytest.fixture
def sold(netsuite: SimulatedNetSuite) -> SimulatedNetSuite:
    """One sales order is there."""
    address = {"city": "Reno", "country": {"id": "US"}}
    netsuite.post("salesOrder", a_sale(external_id="AMZ-SO-1", shippingAddress=address))
    return netsuite


class TestReading:
    def test_works_by_internal_and_external_id(self, sold: SimulatedNetSuite) -> None:
        assert sold.get("salesOrder/1001").json() == sold.get("salesOrder/eid:AMZ-SO-1").json()

    @pytest.mark.parametrize(
        "path", ["salesOrder/999", "salesOrder/eid:none", "cashSale/1001", "cashSale/eid:AMZ-SO-1"]
    )
    def test_finds_nothing_where_nothing_of_the_type_is(
        self, sold: SimulatedNetSuite, path: str
    ) -> None:
        answer = sold.get(path)

        assert (answer.status_code, codes(answer)) == (404, ["NONEXISTENT_ID"])
        assert sold.journal(f"{path.partition('/')[0]}.read")[0]["effect"] == "absent"

    def test_shows_links_for_sublists_unless_they_are_expanded(
        self, sold: SimulatedNetSuite
    ) -> None:
        plain = sold.get("salesOrder/1001").json()
        expanded = sold.whole("salesOrder/1001")

        assert (plain["item"].keys(), plain["shippingAddress"].keys()) == ({"links"}, {"links"})
        assert expanded["item"]["totalResults"] == 1
        assert expanded["shippingAddress"]["city"] == "Reno"

    def test_shows_the_fields_that_were_asked_for(self, sold: SimulatedNetSuite) -> None:
        body = sold.get("salesOrder/1001", fields="total,otherRefNum").json()

        assert body.keys() == {"links", "id", "total"}

    def test_shows_the_letter_of_an_order_status_but_the_name_of_the_status(
        self, sold: SimulatedNetSuite
    ) -> None:
        body = sold.get("salesOrder/1001").json()

        assert body["orderStatus"] == {"id": "A", "refName": "Pending Approval"}
        assert body["status"]["id"] == "Pending Approval"

    def test_shows_items_and_customers(self, sold: SimulatedNetSuite) -> None:
        item = sold.get("inventoryItem/eid:ITEM-1").json()
        customer = sold.get("customer/eid:AMZ-CUST-US").json()

        assert (item["itemId"], item["basePrice"]) == ("SKU-1", 25)
        assert (customer["entityId"], customer["subsidiary"]["id"]) == ("Amazon US", "1")

    def test_refuses_a_parameter_it_does_not_understand(self, sold: SimulatedNetSuite) -> None:
        assert codes(sold.get("salesOrder/1001", expand="item")) == ["INVALID_PARAMETER"]

    def test_is_told_in_the_types_of_netsuite(self, sold: SimulatedNetSuite) -> None:
        found = sold.get("salesOrder/1001").headers["Content-Type"]
        lost = sold.get("salesOrder/9").headers["Content-Type"]

        assert found == "application/vnd.oracle.resource+json; type=singular"
        assert lost == "application/vnd.oracle.resource+json; type=error"


class TestTheServersTime:
    def test_is_in_utc(self, netsuite: SimulatedNetSuite) -> None:
        answer = netsuite.http.get("/services/rest/system/v1/serverTime")

        assert answer.json() == {"serverTime": "2026-11-23T12:00:00Z"}

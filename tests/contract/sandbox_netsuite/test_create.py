"""POST: what is created, what NetSuite makes of it, and what it refuses."""

from __future__ import annotations

import pytest

from tests.contract.sandbox_netsuite.world import (
    RECORD,
    STRICT,
    Json,
    SimulatedNetSuite,
    a_line,
    a_sale,
    codes,
    paths,
)


def created(netsuite: SimulatedNetSuite, type: str, body: Json) -> Json:
    """Create a record and read it whole."""
    answer = netsuite.post(type, body)
    assert answer.status_code == 204, answer.text
    return netsuite.whole(f"{type}/{answer.headers['Location'].rpartition('/')[2]}")


class TestACreation:
    def test_answers_with_an_absolute_address_and_nothing_else(
        self, netsuite: SimulatedNetSuite
    ) -> None:
        answer = netsuite.post("salesOrder", a_sale())

        assert (answer.status_code, answer.content) == (204, b"")
        assert answer.headers["Location"] == f"{netsuite.http.base_url}{RECORD}/salesOrder/1001"

    def test_is_found_by_external_id(self, netsuite: SimulatedNetSuite) -> None:
        netsuite.post("salesOrder", a_sale(external_id="AMZ-SO-1", memo="m"))

        assert netsuite.whole("salesOrder/eid:AMZ-SO-1")["memo"] == "m"

    def test_adds_up_the_total(self, netsuite: SimulatedNetSuite) -> None:
        discount = netsuite.put("discountItem", itemId="Promotion")
        lines = [a_line(), {"item": {"id": discount}, "rate": -5.0, "amount": -5.0}]

        sale = created(netsuite, "salesOrder", a_sale(lines=lines, shippingCost=4.99))

        assert (sale["subtotal"], sale["total"]) == (34.98, 39.97)

    def test_adds_overriding_tax_details(self, netsuite: SimulatedNetSuite) -> None:
        lines = [a_line(taxDetailsReference="L1")]
        tax = {"items": [{"taxDetailsReference": "L1", "taxAmount": 3.2}]}

        sale = created(
            netsuite, "salesOrder", a_sale(lines=lines, taxDetailsOverride=True, taxDetails=tax)
        )

        assert (sale["taxTotal"], sale["total"]) == (3.2, 43.18)

    def test_prices_a_line_anew_unless_its_price_is_custom(
        self, netsuite: SimulatedNetSuite
    ) -> None:
        line = a_line()
        del line["price"]

        sale = created(netsuite, "salesOrder", a_sale(lines=[line]))

        [priced] = sale["item"]["items"]
        assert (priced["rate"], priced["amount"], sale["total"]) == (25, 50, 50)

    def test_numbers_its_lines(self, netsuite: SimulatedNetSuite) -> None:
        sale = created(netsuite, "salesOrder", a_sale(lines=[a_line(), a_line()]))

        assert [line["line"] for line in sale["item"]["items"]] == [1, 2]

    @pytest.mark.parametrize(
        ("sent", "status"),
        [
            (None, "Pending Approval"),
            ({"id": "A"}, "Pending Approval"),
            ({"id": "B"}, "Pending Fulfillment"),
        ],
    )
    def test_has_the_status_that_was_asked_for(
        self, netsuite: SimulatedNetSuite, sent: Json | None, status: str
    ) -> None:
        sale = created(netsuite, "salesOrder", a_sale(orderStatus=sent))

        assert sale["status"] == {"id": status, "refName": status}

    def test_of_closed_lines_alone_is_a_closed_order(self, netsuite: SimulatedNetSuite) -> None:
        sale = created(netsuite, "salesOrder", a_sale(lines=[a_line(isClosed=True)]))

        assert sale["status"]["id"] == "Closed"

    @pytest.mark.parametrize(
        ("undeposited", "status"), [(True, "Not Deposited"), (None, "Deposited")]
    )
    def test_of_a_cash_sale_goes_to_its_account(
        self, netsuite: SimulatedNetSuite, undeposited: bool | None, status: str
    ) -> None:
        sale = created(netsuite, "cashSale", a_sale(undepFunds=undeposited))

        assert sale["status"]["id"] == status

    def test_fills_in_what_was_not_said(self, netsuite: SimulatedNetSuite) -> None:
        sale = created(netsuite, "salesOrder", a_sale(tranDate=None))

        # Noon in UTC is four in the morning where the account is: the same day.
        assert (sale["tranDate"], sale["tranId"]) == ("2026-11-23", "SO1001")
        assert (sale["currency"]["refName"], sale["subsidiary"]["id"]) == ("USD", "1")
        assert (sale["createdDate"], sale["lastModifiedDate"]) == ("2026-11-23T12:00:00Z",) * 2

    def test_keeps_address_and_custom_fields(self, netsuite: SimulatedNetSuite) -> None:
        address = {"addressee": "A. Buyer", "city": "Reno", "country": {"id": "US"}}
        body = a_sale(
            shippingAddress=address,
            custbody_amz_payload_hash="sha256:ab",
            lines=[a_line(custcol_amz_sku="SKU-1")],
        )

        sale = created(netsuite, "salesOrder", body)

        assert sale["shippingAddress"]["city"] == "Reno"
        assert sale["custbody_amz_payload_hash"] == "sha256:ab"
        assert sale["item"]["items"][0]["custcol_amz_sku"] == "SKU-1"


class TestADemand:
    @pytest.mark.parametrize(
        ("body", "path"),
        [
            (a_sale(entity=None), "entity"),
            (a_sale(lines=[]), "item"),
            (a_sale(item=None), "item"),
            (a_sale(lines=[{"quantity": 1, "amount": 1.0}]), "item.items[0].item"),
            (a_sale(lines=[{"item": {"externalId": "ITEM-1"}}]), "item.items[0].quantity"),
            (a_sale(lines=[a_line(quantity=-1)]), "item.items[0].quantity"),
        ],
    )
    def test_of_a_sale_is_told_with_its_place(
        self, netsuite: SimulatedNetSuite, body: Json, path: str
    ) -> None:
        answer = netsuite.post("salesOrder", body)

        assert (answer.status_code, codes(answer), paths(answer)) == (400, ["USER_ERROR"], [path])

    def test_of_a_cash_sale_is_the_place_its_stock_comes_from(
        self, netsuite: SimulatedNetSuite
    ) -> None:
        nowhere = a_sale(location=None)

        assert netsuite.post("salesOrder", nowhere).status_code == 204
        answer = netsuite.post("cashSale", a_sale(location=None))

        assert (codes(answer), paths(answer)) == (["USER_ERROR"], ["item.items[0].location"])

    @pytest.mark.parametrize(
        ("body", "missing"),
        [
            ({"subsidiary": {"id": "1"}}, "Company Name"),
            ({"companyName": "X"}, "Primary Subsidiary"),
            ({"isPerson": True, "subsidiary": {"id": "1"}}, "First Name, Last Name"),
        ],
    )
    def test_of_a_customer_is_told(
        self, netsuite: SimulatedNetSuite, body: Json, missing: str
    ) -> None:
        answer = netsuite.post("customer", body)

        assert codes(answer) == ["USER_ERROR"]
        assert missing in answer.text

    def test_of_an_item_is_its_name(self, netsuite: SimulatedNetSuite) -> None:
        assert codes(netsuite.post("inventoryItem", {"basePrice": 1.0})) == ["USER_ERROR"]
        assert netsuite.post("inventoryItem", {"itemId": "SKU-9"}).status_code == 204

    def test_is_another_subsidiary_than_the_customers_refused(
        self, netsuite: SimulatedNetSuite
    ) -> None:
        other = netsuite.put("subsidiary", name="Elsewhere")

        answer = netsuite.post("salesOrder", a_sale(subsidiary={"id": other}))

        assert (codes(answer), paths(answer)) == (["INVALID_KEY_OR_REF"], ["subsidiary"])


class TestAPostingPeriod:
    def test_that_is_closed_takes_no_cash_sale(self, netsuite: SimulatedNetSuite) -> None:
        netsuite.http.put("/_control/periods", json={"closed_through": "2026-11-20"})

        answer = netsuite.post("cashSale", a_sale(tranDate="2026-11-20"))

        assert (answer.status_code, codes(answer)) == (400, ["CLOSED_TRAN_PRD"])
        assert netsuite.post("cashSale", a_sale(tranDate="2026-11-21")).status_code == 204

    def test_that_is_closed_takes_a_sales_order_which_does_not_post(
        self, netsuite: SimulatedNetSuite
    ) -> None:
        netsuite.http.put("/_control/periods", json={"closed_through": "2026-11-20"})

        assert netsuite.post("salesOrder", a_sale(tranDate="2026-11-20")).status_code == 204

    def test_can_be_opened_again(self, netsuite: SimulatedNetSuite) -> None:
        netsuite.http.put("/_control/periods", json={"closed_through": "2026-11-20"})
        netsuite.http.put("/_control/periods", json={"closed_through": None})

        assert netsuite.post("cashSale", a_sale(tranDate="2026-11-20")).status_code == 204


class TestARequest:
    def test_of_an_unknown_type_is_refused(self, netsuite: SimulatedNetSuite) -> None:
        for type in ("salesorder", "location", "invoice"):
            assert netsuite.post(type, a_sale()).status_code == 404

    @pytest.mark.parametrize(
        "content", [b"", b"{", b"[]", b'"x"', b"null", b'{"memo": "\\ud800"}', b"[" * 100_000]
    )
    def test_whose_body_is_no_object_is_refused(
        self, netsuite: SimulatedNetSuite, content: bytes
    ) -> None:
        headers = {**STRICT, "Content-Type": "application/json"}

        answer = netsuite.http.post(f"{RECORD}/customer", content=content, headers=headers)

        assert (answer.status_code, codes(answer)) == (400, ["INVALID_CONTENT"])

    @pytest.mark.parametrize(
        ("header", "value"),
        [
            ("Content-Type", "text/plain"),
            ("Prefer", "respond-async"),
            ("X-NetSuite-PropertyNameValidation", "strict"),
            ("X-NetSuite-PropertyValueValidation", "Ignore"),
        ],
    )
    def test_with_a_header_it_does_not_understand_is_refused(
        self, netsuite: SimulatedNetSuite, header: str, value: str
    ) -> None:
        answer = netsuite.post("salesOrder", a_sale(), **{header: value})

        assert (answer.status_code, codes(answer)) == (400, ["INVALID_HEADER"])
        assert answer.json()["o:errorDetails"][0]["o:errorHeader"] == header

    def test_with_a_parameter_it_does_not_understand_is_refused(
        self, netsuite: SimulatedNetSuite
    ) -> None:
        answer = netsuite.http.post(f"{RECORD}/customer?expand=all", json={}, headers=STRICT)

        assert codes(answer) == ["INVALID_PARAMETER"]

    def test_to_another_address_says_that_it_is_not_simulated(
        self, netsuite: SimulatedNetSuite
    ) -> None:
        for path in (f"{RECORD}/salesOrder", f"{RECORD}/salesOrder/1/item", "/services/rest/x"):
            answer = netsuite.http.get(path)
            assert answer.status_code == 404
            assert "does not simulate" in answer.text

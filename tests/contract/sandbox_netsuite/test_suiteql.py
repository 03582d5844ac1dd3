"""SuiteQL: the call, the pages, the values, the tables."""

from __future__ import annotations

import pytest

from tests.contract.sandbox_netsuite.world import (
    SUITEQL,
    SimulatedNetSuite,
    a_sale,
    codes,
)
from tests.unit.sandbox.stopped_clock import StoppedClock

MASK = "'YYYY-MM-DD HH24:MI:SS'"
ITEMS = "SELECT id, itemid FROM item ORDER BY id"


class TestACall:
    @pytest.mark.parametrize("headers", [{}, {"Prefer": "respond-async"}, {"Prefer": "x"}])
    def test_must_prefer_a_transient_query(
        self, netsuite: SimulatedNetSuite, headers: dict[str, str]
    ) -> None:
        answer = netsuite.http.post(SUITEQL, json={"q": ITEMS}, headers=headers)

        assert (answer.status_code, codes(answer)) == (400, ["INVALID_HEADER"])

    @pytest.mark.parametrize(
        "body",
        [{}, {"q": 5}, {"q": ITEMS, "x": 1}, {"q": ITEMS, "params": "x"}, [], {"params": []}],
    )
    def test_must_have_a_query(self, netsuite: SimulatedNetSuite, body: object) -> None:
        answer = netsuite.http.post(SUITEQL, json=body, headers={"Prefer": "transient"})

        assert (answer.status_code, codes(answer)) == (400, ["INVALID_CONTENT"])

    def test_needs_a_token(self, stranger: SimulatedNetSuite) -> None:
        assert stranger.suiteql(ITEMS).status_code == 401

    @pytest.mark.parametrize(
        ("query", "told"),
        [
            ("SELECT id FROM salesorder", "Record 'salesorder' was not found"),
            ("SELECT sku FROM item", "Field 'sku' was not found"),
            ("SELECT id FROM record", "was not found"),
            ("SELECT name FROM sqlite_master", "was not found"),
            ("SELECT id FROM item WHERE", "Invalid or unsupported search"),
            ("DROP TABLE item", "Only SELECT"),
            ("SELECT TO_CHAR(itemid, 'YYYY') FROM item", "Invalid or unsupported"),
        ],
    )
    def test_that_is_not_understood_is_refused(
        self, netsuite: SimulatedNetSuite, query: str, told: str
    ) -> None:
        answer = netsuite.suiteql(query)

        assert (answer.status_code, codes(answer)) == (400, ["INVALID_PARAMETER"])
        assert told in answer.text

    def test_with_a_number_beyond_bounds_is_refused(self, netsuite: SimulatedNetSuite) -> None:
        assert netsuite.suiteql("SELECT id FROM item WHERE id = ?", 10**30).status_code == 400

    def test_of_endless_work_is_stopped(self, netsuite: SimulatedNetSuite) -> None:
        for index in range(60):
            netsuite.put("inventoryItem", itemId=f"MANY-{index}")

        joins = " ".join(f"JOIN item i{n} ON i{n}.id <> i.id" for n in range(6))
        answer = netsuite.suiteql(f"SELECT COUNT(*) FROM item i {joins}")

        assert answer.status_code == 400
        assert "too long" in answer.text


class TestAPage:
    @pytest.fixture
    def stocked(self, netsuite: SimulatedNetSuite) -> SimulatedNetSuite:
        """Five items are there."""
        for number in range(2, 6):
            netsuite.put("inventoryItem", itemId=f"SKU-{number}")
        return netsuite

    def test_is_part_of_a_counted_whole(self, stocked: SimulatedNetSuite) -> None:
        body = stocked.suiteql(ITEMS, limit="2", offset="2").json()

        assert [row["itemid"] for row in body["items"]] == ["SKU-3", "SKU-4"]
        assert (body["count"], body["offset"], body["totalResults"]) == (2, 2, 5)
        assert body["hasMore"] is True

    def test_leads_to_the_next(self, stocked: SimulatedNetSuite) -> None:
        seen, url = [], f"{SUITEQL}?limit=2"
        while url:
            answer = stocked.http.post(url, json={"q": ITEMS}, headers={"Prefer": "transient"})
            body = answer.json()
            seen += [row["itemid"] for row in body["items"]]
            url = next((li["href"] for li in body["links"] if li["rel"] == "next"), "")

        assert seen == [f"SKU-{number}" for number in range(1, 6)]

    def test_can_be_taken_by_key(self, stocked: SimulatedNetSuite) -> None:
        query = "SELECT id, itemid FROM item WHERE id > ? ORDER BY id FETCH FIRST 2 ROWS ONLY"

        assert [row["itemid"] for row in stocked.rows(query, "1003")] == ["SKU-4", "SKU-5"]

    @pytest.mark.parametrize(
        "page",
        [
            {"limit": "0"},
            {"limit": "1001"},
            {"limit": "x"},
            {"limit": "2", "offset": "3"},
            {"offset": "-1"},
            {"offset": "100000"},
            {"page": "1"},
        ],
    )
    def test_out_of_bounds_is_refused(
        self, stocked: SimulatedNetSuite, page: dict[str, str]
    ) -> None:
        assert codes(stocked.suiteql(ITEMS, **page)) == ["INVALID_PARAMETER"]

    def test_is_in_no_certain_order_unless_the_query_orders(
        self, netsuite: SimulatedNetSuite
    ) -> None:
        for number in range(2, 40):
            netsuite.put("inventoryItem", itemId=f"SKU-{number}")

        seen = {str(netsuite.rows("SELECT id FROM item")) for _ in range(3)}

        assert len(seen) == 3


class TestAValue:
    def test_is_a_text_under_a_lower_case_name(self, netsuite: SimulatedNetSuite) -> None:
        rows = netsuite.rows(
            "SELECT ID, ItemID AS Sku, COUNT(*) AS N FROM item GROUP BY id, itemid"
        )

        assert rows == [{"id": "1001", "sku": "SKU-1", "n": "1"}]

    def test_without_name_is_numbered(self, netsuite: SimulatedNetSuite) -> None:
        assert netsuite.rows("SELECT id, COUNT(*) FROM item GROUP BY id")[0]["expr2"] == "1"

    def test_that_is_null_is_left_out(self, netsuite: SimulatedNetSuite) -> None:
        assert netsuite.rows("SELECT id, displayname FROM item") == [{"id": "1001"}]

    def test_of_a_date_is_in_the_accounts_clock(self, netsuite: SimulatedNetSuite) -> None:
        query = f"SELECT lastmodifieddate, TO_CHAR(lastmodifieddate, {MASK}) AS lm FROM item"

        # Noon in UTC.
        [row] = netsuite.rows(query)
        assert row == {"lastmodifieddate": "11/23/2026", "lm": "2026-11-23 04:00:00"}

    def test_of_now_is_in_the_accounts_clock(self, netsuite: SimulatedNetSuite) -> None:
        query = f"SELECT TO_CHAR(SYSDATE, {MASK}) AS now FROM dual"

        assert netsuite.rows(query) == [{"now": "2026-11-23 04:00:00"}]


class TestTheItems:
    def test_are_found_by_what_the_feed_asks(self, netsuite: SimulatedNetSuite) -> None:
        query = (
            "SELECT id, itemid, externalid, displayname, itemtype, isinactive FROM item"
            " WHERE itemid IN (?, ?)"
        )

        assert netsuite.rows(query, "SKU-1", "SKU-2") == [
            {
                "id": "1001",
                "itemid": "SKU-1",
                "externalid": "ITEM-1",
                "itemtype": "InvtPart",
                "isinactive": "F",
            }
        ]

    def test_changed_since_a_moment_are_found(
        self, netsuite: SimulatedNetSuite, clock: StoppedClock
    ) -> None:
        clock.advance(10)
        netsuite.put("kitItem", itemId="KIT-1", displayName="A kit")
        since = f"SELECT itemid FROM item WHERE lastmodifieddate >= TO_DATE(?, {MASK}) ORDER BY id"

        assert netsuite.rows(since, "2026-11-23 04:00:10") == [{"itemid": "KIT-1"}]
        assert len(netsuite.rows(since, "2026-11-23 04:00:00")) == 2
        assert netsuite.rows(since, "2026-11-23 12:00:00") == []

    def test_are_matched_by_capitals_and_small_letters(self, netsuite: SimulatedNetSuite) -> None:
        assert netsuite.rows("SELECT id FROM item WHERE itemid = 'sku-1'") == []
        assert netsuite.rows("SELECT id FROM item WHERE itemid LIKE 'sku%'") == []
        assert len(netsuite.rows("SELECT id FROM item WHERE LOWER(itemid) LIKE 'sku%'")) == 1


class TestTheTransactions:
    def test_are_found_by_external_id(self, netsuite: SimulatedNetSuite) -> None:
        body = a_sale(external_id="AMZ-CS-1", custbody_amz_payload_hash="sha256:ab")
        netsuite.post("cashSale", body)

        rows = netsuite.rows(
            "SELECT id, type, recordtype, externalid, tranid, total, status,"
            " custbody_amz_payload_hash FROM transaction WHERE externalid IN (?)",
            "AMZ-CS-1",
        )

        assert rows == [
            {
                "id": "1001",
                "type": "CashSale",
                "recordtype": "cashsale",
                "externalid": "AMZ-CS-1",
                "tranid": "CS1001",
                "total": "39.98",
                "status": "C",
                "custbody_amz_payload_hash": "sha256:ab",
            }
        ]

    def test_are_joined_with_their_customers(self, netsuite: SimulatedNetSuite) -> None:
        netsuite.post("salesOrder", a_sale(external_id="AMZ-SO-1"))

        rows = netsuite.rows(
            "SELECT t.externalid, c.entityid, BUILTIN.DF(t.entity) AS name,"
            " BUILTIN.DF(t.status) AS status"
            " FROM transaction t JOIN customer c ON c.id = t.entity WHERE c.externalid = ?",
            "AMZ-CUST-US",
        )

        assert rows == [
            {
                "externalid": "AMZ-SO-1",
                "entityid": "Amazon US",
                "name": "Amazon US",
                "status": "Pending Approval",
            }
        ]

    def test_have_the_date_they_were_given(self, netsuite: SimulatedNetSuite) -> None:
        netsuite.post("salesOrder", a_sale(custbody_amz_ship_by="2026-11-24T01:00:00Z"))

        [row] = netsuite.rows("SELECT trandate, custbody_amz_ship_by AS ship_by FROM transaction")
        assert row == {"trandate": "11/20/2026", "ship_by": "11/23/2026"}

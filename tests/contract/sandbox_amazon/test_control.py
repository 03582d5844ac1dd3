from __future__ import annotations

import pytest

from tests.contract.sandbox_amazon.world import ALL, Json, SimulatedAmazon


class TestControl:
    def test_places_orders_and_tells_the_truth_about_them(self, amazon: SimulatedAmazon) -> None:
        placed = amazon.place(account="acme", count=40)

        truth = amazon.http.get("/_control/orders").json()

        assert [{k: v for k, v in o.items() if k != "serial"} for o in truth] == placed
        assert {order["account"] for order in truth} == {"acme"}
        assert {item["sku"][:4] for order in truth for item in order["items"]} == {"SKU-"}

    def test_places_the_same_orders_with_the_same_seed(self, amazon: SimulatedAmazon) -> None:
        first = amazon.place(account="acme", count=5, seed=3)
        second = amazon.place(account="acme", count=5, seed=3)

        assert {o["order_id"] for o in first}.isdisjoint(o["order_id"] for o in second)
        assert [o["kind"] for o in first] == [o["kind"] for o in second]

    def test_spreads_orders_over_all_accounts(self, amazon: SimulatedAmazon) -> None:
        placed = amazon.place(count=9)

        assert [o["account"] for o in placed[:3]] == ["acme", "acme-us", "roleless"]
        us = {o["marketplace_id"] for o in placed if o["account"] == "acme-us"}
        assert us == {"ATVPDKIKX0DER"}

    def test_sells_the_skus_it_is_told(self, amazon: SimulatedAmazon) -> None:
        mix = {"mfn": 1, "unknown_sku": 1}
        placed = amazon.place(count=10, mix=mix, skus=["MUG"], unknown_skus=["LAMP"])

        sold = {o["kind"]: {item["sku"] for item in o["items"]} for o in placed}
        assert sold == {"mfn": {"MUG"}, "unknown_sku": {"LAMP"}}

    def test_lists_orders_page_by_page(self, amazon: SimulatedAmazon) -> None:
        amazon.place(count=5)

        first = amazon.http.get("/_control/orders?limit=3").json()
        rest = amazon.http.get(f"/_control/orders?after={first[-1]['serial']}").json()

        assert (len(first), len(rest)) == (3, 2)

    def test_shows_the_whole_order_whatever_amazon_hides(self, amazon: SimulatedAmazon) -> None:
        (order,) = amazon.place(account="acme", mix={"pending": 1})

        (seen,) = amazon.found(includedData=ALL)
        whole = amazon.http.get(f"/_control/orders/{order['order_id']}").json()

        assert "buyer" not in seen
        assert whole["document"]["buyer"]["buyerName"]

    def test_changes_an_order_and_writes_it_down(self, amazon: SimulatedAmazon) -> None:
        (order,) = amazon.place(mix={"pending": 1})

        changed = amazon.change(order["order_id"], "pay").json()

        (entry,) = amazon.journal("control.change")
        assert changed["status"] == "UNSHIPPED"
        assert changed["updated"] > order["updated"]
        assert (entry["key"], entry["effect"]) == (order["order_id"], "PENDING -> UNSHIPPED")

    @pytest.mark.parametrize(
        ("action", "status"), [("pay", 409), ("explode", 422), ("cancel_line", 409)]
    )
    def test_refuses_a_change_that_cannot_be(
        self, amazon: SimulatedAmazon, action: str, status: int
    ) -> None:
        (order,) = amazon.place(mix={"cancelled": 1})

        assert amazon.change(order["order_id"], action).status_code == status

    def test_does_not_know_an_order_that_is_not_there(self, amazon: SimulatedAmazon) -> None:
        assert amazon.change("111-0000000-0000000", "ship").status_code == 404
        assert amazon.http.get("/_control/orders/111-0000000-0000000").status_code == 404

    def test_evolves_orders_the_same_way_with_the_same_seed(self, amazon: SimulatedAmazon) -> None:
        placed = amazon.place(count=20, mix={"mfn": 1, "pending": 1})

        changed = amazon.http.post("/_control/evolve", json={"steps": 10, "seed": 2}).json()

        assert len(changed) == 10
        assert {o["order_id"] for o in changed} <= {o["order_id"] for o in placed}
        assert [o["status"] for o in changed] == _evolved_again(amazon)

    def test_evolves_until_nothing_can_change(self, amazon: SimulatedAmazon) -> None:
        amazon.place(count=5, mix={"pending": 1})

        amazon.http.post("/_control/evolve", json={"steps": 5000})

        final = {o["status"] for o in amazon.http.get("/_control/orders").json()}
        assert final <= {"SHIPPED", "CANCELLED"}

    @pytest.mark.parametrize(
        "wrong", [{"count": 0}, {"count": 1, "mix": {"afn": 1}}, {"count": 1, "clown": 1}, {}]
    )
    def test_refuses_a_wrong_wish(self, amazon: SimulatedAmazon, wrong: Json) -> None:
        assert amazon.http.post("/_control/orders", json=wrong).status_code == 422
        assert amazon.http.get("/_control/orders").json() == []

    def test_refuses_an_account_that_does_not_exist(self, amazon: SimulatedAmazon) -> None:
        wish = {"count": 1, "account": "nobody"}

        assert amazon.http.post("/_control/orders", json=wish).status_code == 404
        assert amazon.http.post("/_control/accounts/nobody", json={}).status_code == 404

    def test_counts_the_journal(self, amazon: SimulatedAmazon) -> None:
        token = amazon.token()
        amazon.search(token=token)
        amazon.search(token=token, maxResultsPerPage=0)

        counts = amazon.http.get("/_control/journal/counts?by=operation&by=status").json()

        assert {"operation": "searchOrders", "status": 400, "count": 1} in counts
        assert {"operation": "searchOrders", "status": 200, "count": 1} in counts
        assert amazon.http.get("/_control/journal/counts?by=detail").status_code == 422

    def test_shows_people_a_page(self, amazon: SimulatedAmazon) -> None:
        amazon.place(account="acme", count=3, mix={"fba": 1})

        page = amazon.http.get("/")

        assert page.headers["content-type"].startswith("text/html")
        assert "<td>acme</td><td>fba</td><td>SHIPPED</td><td>3</td>" in page.text


def _evolved_again(amazon: SimulatedAmazon) -> list[str]:
    """Return what the journal says of the changes, in order."""
    return [entry["effect"].split(" -> ")[1] for entry in amazon.journal("control.change")]

"""Every order that the simulated Amazon invents, as far as the command that books it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from isthmus.core.records import Record
from isthmus.messages.amazon import Order
from isthmus.messages.netsuite import CashSale, OrderCommand, SalesOrder
from isthmus.testing.builders import a_netsuite_item
from isthmus_mapper.domain.mapping import AccountMapping, MappingFile
from isthmus_mapper.handler import COMMANDED, FEEDS, ITEMS, OrderMapping
from tests.contract.amazon_client.conftest import NORTH_AMERICA, Client
from tests.contract.amazon_client.test_orders_sweep import a_sweep
from tests.contract.sandbox_amazon.world import Json
from tests.unit.mapper.parts import FILE, MARKETPLACE, Items, Rows

CURRENCIES = dict(zip(NORTH_AMERICA, ("USD", "CAD", "MXN"), strict=True))
SKUS = [f"SKU-{number:04}" for number in range(1, 41)]
PAID = {"UNSHIPPED", "PARTIALLY_SHIPPED", "SHIPPED"}


def a_mapping(seller: str, *, tax: str) -> OrderMapping:
    marketplaces = {
        marketplace: {**MARKETPLACE, "currency": currency, "tax": tax}
        for marketplace, currency in CURRENCIES.items()
    }
    file = MappingFile.model_validate({**FILE, "marketplaces": marketplaces})
    return OrderMapping({seller: AccountMapping(seller, "v1", file, ZoneInfo("UTC"))})


def commands(client: Client, folder: Path, *, tax: str) -> Iterator[OrderCommand]:
    """Sweep and map all orders of the seller."""
    stage = a_mapping(client.seller, tax=tax)
    items = Items(*(a_netsuite_item(sku, account=client.seller) for sku in SKUS))
    for batch in a_sweep(client, folder, page_size=100)(client.seller, None):
        assert batch.refused == ()
        for fact in batch.outputs:
            if isinstance(fact.value, Order):
                time = fact.value.updated_at
                record = Record("amazon.orders", 0, 0, time, fact.key, fact.value)
                for output in stage(record, {ITEMS: items, FEEDS: Rows(), COMMANDED: Rows()}):
                    if isinstance(output.value, OrderCommand):
                        yield output.value


def due(order: Json) -> type[SalesOrder | CashSale] | None:
    by_amazon = order["fulfilled_by"] == "AMAZON"
    if order["status"] not in PAID or (by_amazon and order["status"] != "SHIPPED"):
        return None
    return CashSale if by_amazon else SalesOrder


class TestCommands:
    @pytest.mark.parametrize("tax", ["book", "net_to_zero", "omit"])
    def test_book_what_is_due_with_every_cent(
        self, client: Client, tmp_path: Path, tax: str
    ) -> None:
        client.place(count=100)
        orders = {
            order["order_id"]: order
            for order in client.amazon.http.get("/_control/orders").json()
            if order["account"] == client.seller
        }

        made = {one.order_id: one.body for one in commands(client, tmp_path, tax=tax)}

        wanted = {order_id: due(order) for order_id, order in orders.items() if due(order)}
        assert {order_id: type(body) for order_id, body in made.items()} == wanted
        assert {order["kind"] for order in orders.values()} >= {"mfn", "fba", "sfp", "mixed"}
        for order_id, body in made.items():
            total = Decimal(orders[order_id]["grand_total"]["amount"])
            assert body.total.amount == total if tax == "book" else body.total.amount <= total
            live = [item for item in orders[order_id]["items"] if not item["is_cancelled"]]
            assert [line.quantity for line in body.lines if line.kind == "item"] == [
                item["ordered"] for item in live
            ]

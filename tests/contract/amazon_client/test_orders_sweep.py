"""The whole sweep before the simulated Amazon: every update is told, whatever strikes."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from isthmus.amazon.orders import OrderSearch, instant
from isthmus.core.errors import Retryable
from isthmus.core.records import Batch
from isthmus.messages.amazon import Order
from isthmus.ops.clock import SystemClock
from isthmus_amazon_ingest.adapters import RawFolder, SearchedAccount, SearchedPages
from isthmus_amazon_ingest.domain.cursor import read_cursor
from isthmus_amazon_ingest.domain.translator import SECTIONS
from isthmus_amazon_ingest.handler import OrdersSweep, SweepBounds, SweptAccount
from tests.contract.amazon_client.conftest import FACTOR, NORTH_AMERICA, Client
from tests.contract.sandbox_amazon.world import Json
from tests.unit.amazon_ingest.amazon_orders import OpenSealer

CLOCK = SystemClock(FACTOR)
FAULTS = [
    {"kind": kind, "rate": 0.08}
    for kind in ("status_429", "status_503_html", "reset", "expired_token")
]
POLLS_MAX = 200


def a_sweep(client: Client, folder: Path, *, page_size: int = 10) -> OrdersSweep:
    search = OrderSearch(connection=client.connection(), purpose="sweep")
    return OrdersSweep(
        pages=SearchedPages(
            accounts={client.seller: SearchedAccount(search, ())},
            sections=SECTIONS,
            page_size=page_size,
        ),
        sealer=OpenSealer(),
        keep=RawFolder(folder=folder, bytes_max=0),
        now=CLOCK.now,
        accounts={client.seller: SweptAccount(frozenset(NORTH_AMERICA))},
        bounds=SweepBounds(
            lookback=timedelta(days=1),
            overlap=timedelta(seconds=CLOCK.scaled(300)),
            seen_max=5000,
            fact_bytes=8 * 1024 * 1024,
        ),
    )


def updates(*batches: Batch) -> set[tuple[str, str]]:
    return {
        (output.value.order_id, instant(output.value.updated_at))
        for batch in batches
        for output in batch.outputs
        if isinstance(output.value, Order)
    }


def latest(orders: list[Json]) -> Mapping[str, str]:
    return {order["order_id"]: order["updated"] for order in orders}


class TestOrdersSweep:
    def test_makes_a_fact_of_every_order(self, client: Client, tmp_path: Path) -> None:
        placed = client.place(count=45)

        batches = list(a_sweep(client, tmp_path)(client.seller, None))

        assert updates(*batches) == set(latest(placed).items())
        assert [batch.refused for batch in batches] == [()] * 5

    def test_tells_every_update_through_faults_and_kills(
        self, client: Client, tmp_path: Path
    ) -> None:
        chance = random.Random(7)
        orders = latest(client.place(count=60))
        client.amazon.strike(*FAULTS)
        told: set[tuple[str, str]] = set()
        cursor: str | None = None
        for _ in range(POLLS_MAX):
            try:
                for batch in a_sweep(client, tmp_path)(client.seller, cursor):
                    if chance.random() < 0.1:
                        break
                    told |= updates(batch)
                    cursor = batch.cursor
            except Retryable as error:
                CLOCK.sleep(min(error.after_s or 1, 200))
            if set(orders.items()) <= told:
                break

        assert set(orders.items()) <= told
        assert any("ok" not in outcome for outcome in client.outcomes)

    def test_tells_an_update_once_it_is_two_minutes_old(
        self, client: Client, tmp_path: Path
    ) -> None:
        [placed] = client.place(mix={"mfn": 1})
        sweep = a_sweep(client, tmp_path)
        [first] = sweep(client.seller, None)
        changed = client.amazon.change(placed["order_id"], "ship").json()
        CLOCK.sleep(240)

        [second] = sweep(client.seller, first.cursor)

        assert updates(second) == {(placed["order_id"], changed["updated"])}

    def test_goes_on_in_the_middle_of_the_pages(self, client: Client, tmp_path: Path) -> None:
        orders = latest(client.place(count=25))
        first = next(a_sweep(client, tmp_path)(client.seller, None))

        rest = list(a_sweep(client, tmp_path)(client.seller, first.cursor))

        assert updates(first).isdisjoint(updates(*rest))
        assert updates(first, *rest) == set(orders.items())
        assert read_cursor(rest[-1].cursor).token is None

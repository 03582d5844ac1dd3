"""What the simulated Amazon says, held against Amazon's own model of the API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import httpx
import pytest
from fastapi.testclient import TestClient

from isthmus_sandbox.amazon.app import amazon_app
from isthmus_sandbox.amazon.examples import (
    EXAMPLES_ACCOUNT,
    MODEL_FILE,
    ModelsUnusable,
    example_orders,
)
from isthmus_sandbox.amazon.scenario import plain_scenario
from tests.contract.sandbox_amazon.models import complaints, models_folder
from tests.contract.sandbox_amazon.world import ALL, Json, SimulatedAmazon
from tests.unit.sandbox.stopped_clock import StoppedClock

EVERY_KIND = dict.fromkeys(("mfn", "fba", "sfp", "mixed", "pending", "cancelled", "unknown_sku"), 1)


@pytest.fixture
def models() -> Path:
    return models_folder()


@pytest.fixture
def with_examples(models: Path, clock: StoppedClock) -> Iterator[SimulatedAmazon]:
    app = amazon_app(clock=clock, seed=1, scenario=plain_scenario(1), state=None, models=models)
    with TestClient(app) as http:
        yield SimulatedAmazon(http=cast(httpx.Client, http), clock=clock)


class TestAnswers:
    def test_to_searches_are_what_the_model_says(
        self, amazon: SimulatedAmazon, models: Path
    ) -> None:
        amazon.place(account="acme", count=210, mix=EVERY_KIND)
        pages = [amazon.search(includedData=ALL).json()]
        while "pagination" in pages[-1]:
            token = pages[-1]["pagination"]["nextToken"]
            pages.append(amazon.search(includedData=ALL, paginationToken=token).json())

        assert [len(page["orders"]) for page in pages] == [100, 100, 10]
        for page in pages:
            assert complaints(models, "SearchOrdersResponse", page) == []

    def test_to_evolved_orders_are_what_the_model_says(
        self, amazon: SimulatedAmazon, clock: StoppedClock, models: Path
    ) -> None:
        amazon.place(account="acme", count=60, mix={"pending": 1, "mfn": 1})
        amazon.http.post("/_control/evolve", json={"steps": 120})
        clock.advance(120)

        page = amazon.search(includedData=ALL).json()

        assert {"packages", "payment"} <= set().union(*page["orders"])
        assert complaints(models, "SearchOrdersResponse", page) == []

    def test_to_one_order_are_what_the_model_says(
        self, amazon: SimulatedAmazon, models: Path
    ) -> None:
        for order in amazon.place(account="acme", count=21, mix=EVERY_KIND):
            body = amazon.order(order["order_id"], includedData=ALL).json()
            assert complaints(models, "GetOrderResponse", body) == []

    def test_that_refuse_are_what_the_model_says(
        self, amazon: SimulatedAmazon, models: Path
    ) -> None:
        token = amazon.token()
        refusals = [
            amazon.search(token=token, maxResultsPerPage=0),
            amazon.search(token="Atza|forged"),
            amazon.order("111-0000000-0000000", token=token),
            *[amazon.search(token=token) for _ in range(20)][-1:],
        ]

        assert [answer.status_code for answer in refusals] == [400, 403, 404, 429]
        for answer in refusals:
            assert complaints(models, "ErrorList", answer.json()) == []

    def test_would_be_caught_if_they_were_not(self, models: Path) -> None:
        wrong = {"orders": [{"orderId": 1, "color": "red"}]}

        found = complaints(models, "SearchOrdersResponse", wrong)

        assert any("'color' was unexpected" in complaint for complaint in found)
        assert any("'createdTime' is a required property" in complaint for complaint in found)
        assert any("1 is not of type 'string'" in complaint for complaint in found)


class TestExamples:
    def test_are_found_by_a_search_as_published(
        self, with_examples: SimulatedAmazon, clock: StoppedClock, models: Path
    ) -> None:
        clock.advance(120)

        found = with_examples.found(account=EXAMPLES_ACCOUNT, includedData=ALL)

        published = {order["orderId"]: order for order in _published(models)}
        assert len(found) == len(published) >= 7
        for order in found:
            expected = published[order["orderId"]]
            assert order == {**expected, "lastUpdatedTime": order["lastUpdatedTime"]}
            assert order["lastUpdatedTime"] == "2026-11-23T12:00:00.000Z"

    def test_are_found_by_their_id(self, with_examples: SimulatedAmazon) -> None:
        answer = with_examples.order("171-9876543-2109876", account=EXAMPLES_ACCOUNT)

        assert answer.json()["order"]["salesChannel"]["marketplaceName"] == "Amazon.com.br"

    def test_are_left_alone_by_what_is_invented(self, with_examples: SimulatedAmazon) -> None:
        placed = with_examples.place(count=5)
        changed = with_examples.http.post("/_control/evolve", json={"steps": 50}).json()

        invented = {order["order_id"] for order in placed}
        assert {order["account"] for order in placed} == {"seller-1"}
        assert {order["order_id"] for order in changed} <= invented

    def test_are_missed_in_a_folder_without_them(self, tmp_path: Path) -> None:
        with pytest.raises(ModelsUnusable, match="Cannot read Amazon's model"):
            example_orders(tmp_path, now=StoppedClock().now())
        (tmp_path / MODEL_FILE).write_text('{"paths": {}}', encoding="utf-8")
        with pytest.raises(ModelsUnusable, match="holds no example"):
            example_orders(tmp_path, now=StoppedClock().now())


def _published(models: Path) -> Iterator[Json]:
    """Find every order in the model's text by its shape, wherever it is."""
    nodes = [json.loads((models / MODEL_FILE).read_text(encoding="utf-8"))]
    while nodes:
        node = nodes.pop()
        if isinstance(node, dict):
            if isinstance(node.get("orderItems"), list):
                yield node
            nodes.extend(node.values())
        elif isinstance(node, list):
            nodes.extend(node)

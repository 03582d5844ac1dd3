"""Amazon's own published example orders, from the sweep to NetSuite: each is accounted for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

import pytest

from isthmus.cli.demo.expected import order_id_of
from isthmus.kafka.local import KafkaCluster
from isthmus_sandbox.amazon.examples import EXAMPLES_ACCOUNT, MODEL_FILE
from tests.contract.sandbox_amazon.models import models_folder
from tests.e2e.pipeline import Pipeline, Sellers, eventually, running_pipeline

PATIENCE_S: Final = 200
# Amazon has them in three regions, and an account lives in one.
REGIONS: Final = {
    "na": {"ATVPDKIKX0DER": ("USD", "omit"), "A2Q3Y263D00KWC": ("BRL", "included")},
    "eu": {"A1F83G8C2ARO7P": ("GBP", "book"), "A33AVAJ2PDY3EV": ("TRY", "included")},
    "fe": {"A1VC38T7YXB528": ("JPY", "included")},
}
TURKEY: Final = "A33AVAJ2PDY3EV"
CURRENCIES: Final = {"USD": "1", "GBP": "5"}
NO_ITEM: Final = "ECHO-DOT-4-UK-CHARCOAL-SINGLE"
CHARGES: Final = {
    "shipping": "AMZ-SHIPPING",
    "gift_wrap": "AMZ-GIFT-WRAP",
    "discount": "AMZ-DISCOUNT",
    "tax": "AMZ-TAX",
}

Json = dict[str, Any]


def published(node: Any) -> Iterator[Json]:
    """Find every order in Amazon's model by its shape."""
    if isinstance(node, dict) and isinstance(node.get("orderItems"), list):
        yield node
    for child in node.values() if isinstance(node, dict) else node:
        if isinstance(child, dict | list):
            yield from published(child)


@pytest.fixture(scope="module")
def orders() -> Mapping[str, Json]:
    model = json.loads((models_folder() / MODEL_FILE).read_text(encoding="utf-8"))
    return {order["orderId"]: order for order in published(model)}


@pytest.fixture(scope="module")
def pipeline(
    kafka: KafkaCluster, orders: Mapping[str, Json], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pipeline]:
    """Run until every example is booked or a dead letter. Turkey is in no mapping, one item not
    in NetSuite, and NetSuite has neither reais nor yen.
    """
    skus = {item["product"]["sellerSku"] for one in orders.values() for item in one["orderItems"]}
    with running_pipeline(
        kafka,
        sellers(),
        folder=tmp_path_factory.mktemp("examples"),
        amazon_options=("--models", str(models_folder())),
        skus=sorted(skus - {NO_ITEM}),
    ) as running:
        eventually(
            lambda: accounted_for(running) >= set(orders), within_s=PATIENCE_S, told=running.logs
        )
        yield running


def sellers() -> Sellers:
    """Return an account in each region; all log in as the seller of the examples."""
    accounts = {
        f"examples-{region}": {
            "region": region,
            "marketplaces": list(marketplaces),
            "other_marketplaces": "ignore",
        }
        for region, marketplaces in REGIONS.items()
    }
    mappings = {
        f"examples-{region}": {
            "time_zone": "UTC",
            "marketplaces": {
                name: a_marketplace(name, currency, tax)
                for name, (currency, tax) in marketplaces.items()
                if name != TURKEY
            },
        }
        for region, marketplaces in REGIONS.items()
    }
    return Sellers(
        accounts={"accounts": accounts},
        credentials=dict.fromkeys(accounts, EXAMPLES_ACCOUNT),
        mappings=mappings,
        charges=CHARGES,
        currencies=CURRENCIES,
    )


def a_marketplace(name: str, currency: str, tax: str) -> Json:
    return {
        "name": f"Amazon {currency}",
        "currency": currency,
        "customer": {"external_id": f"AMZ-CUST-{name}", "name": f"Amazon {currency}"},
        "locations": {"merchant": "1", "amazon": "2"},
        "tax": tax,
        "subsidiary": "1",
    }


def booked(pipeline: Pipeline) -> set[str]:
    return {order_id_of(record.external_id) for record in pipeline.netsuite.booked()}


def accounted_for(pipeline: Pipeline) -> set[str]:
    dead = {letter.key.partition("/")[2] for letter in pipeline.dead_letters()}
    return booked(pipeline) | dead


def missing_for(order: Json) -> str | None:
    """Return why an example cannot be booked by this configuration; none if it can."""
    total = order["proceeds"]["grandTotal"]
    items = [Decimal(item["proceeds"]["proceedsTotal"]["amount"]) for item in order["orderItems"]]
    if order["salesChannel"]["marketplaceId"] == TURKEY:
        return "unknown-marketplace"
    if NO_ITEM in {item["product"]["sellerSku"] for item in order["orderItems"]}:
        return "unknown-sku"
    if sum(items) != Decimal(total["amount"]):
        return "total-mismatch"  # one of Amazon's examples does not add up
    if total["currencyCode"] not in CURRENCIES:
        return "unknown-currency"
    return None


@pytest.mark.kafka
@pytest.mark.timeout(PATIENCE_S + 100)
class TestExamples:
    def test_are_each_booked_or_a_dead_letter_and_never_both(
        self, pipeline: Pipeline, orders: Mapping[str, Json]
    ) -> None:
        dead = [letter.key.partition("/")[2] for letter in pipeline.dead_letters()]

        assert booked(pipeline) | set(dead) == set(orders)
        assert booked(pipeline).isdisjoint(dead)
        assert len(dead) == len(set(dead))
        assert all(record.creations == 1 for record in pipeline.netsuite.booked())

    def test_are_booked_where_nothing_is_missing(
        self, pipeline: Pipeline, orders: Mapping[str, Json]
    ) -> None:
        complete = {key for key, order in orders.items() if missing_for(order) is None}

        assert len(complete) >= 2
        assert booked(pipeline) == complete

    def test_tell_people_what_is_missing_otherwise(
        self, pipeline: Pipeline, orders: Mapping[str, Json]
    ) -> None:
        letters = {letter.key.partition("/")[2]: letter for letter in pipeline.dead_letters()}
        reasons = {key: letter.reason for key, letter in letters.items()}

        assert reasons == {
            key: reason for key, order in orders.items() if (reason := missing_for(order))
        }
        assert set(reasons.values()) >= {"unknown-marketplace", "unknown-sku", "unknown-currency"}
        for letter in letters.values():
            assert "Remedy: " in letter.message

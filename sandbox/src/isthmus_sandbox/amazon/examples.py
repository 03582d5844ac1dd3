"""Amazon's own published example orders, read from its API models and sold by one account."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from isthmus_sandbox.amazon.orders import Document, Order, OrderKind, moment

EXAMPLES_ACCOUNT: Final = "amazon-examples"
MODEL_FILE: Final = "orders_2026-01-01.json"


class ModelsUnusable(Exception):
    """The folder does not hold Amazon's model of the orders API."""


def example_orders(models: Path, *, now: datetime) -> list[Order]:
    """Return each published order once, as published but for a fresh lastUpdatedTime.

    :raises ModelsUnusable: when the folder holds no readable model.
    """
    path = models / MODEL_FILE
    try:
        model = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelsUnusable(f"Cannot read Amazon's model {path}: {error}") from error
    found = {document["orderId"]: document for document in _published(model)}
    if not found:
        raise ModelsUnusable(f"Amazon's model {path} holds no example order.")
    return [_fresh(document, now=now) for document in found.values()]


def _fresh(document: Document, *, now: datetime) -> Order:
    fresh = {**copy.deepcopy(document), "lastUpdatedTime": moment(now)}
    return Order(account=EXAMPLES_ACCOUNT, kind=OrderKind.EXAMPLE, document=fresh)


def _published(model: dict[str, Any]) -> Iterator[Document]:
    for path in model["paths"].values():
        for answer in path["get"]["responses"].values():
            yield from _orders_in(answer.get("examples", {}).get("application/json", {}))
            for case in answer.get("x-amzn-api-sandbox", {}).get("static", []):
                yield from _orders_in(case.get("response", {}))


def _orders_in(body: Document) -> Iterator[Document]:
    yield from body.get("orders", [])
    if "order" in body:
        yield body["order"]

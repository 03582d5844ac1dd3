from __future__ import annotations

from collections import Counter

import pytest
from pydantic import ValidationError

from isthmus_sandbox.amazon.generator import DEFAULT_MIX, GenerationSpec
from isthmus_sandbox.amazon.orders import Document, OrderKind, Status
from tests.unit.sandbox.amazon.orders import an_order, some_orders

ALL_KINDS: dict[OrderKind, int] = {kind: 20 for kind in OrderKind if kind is not OrderKind.EXAMPLE}


class TestGenerated:
    def test_is_the_same_for_the_same_seed(self) -> None:
        assert some_orders(ALL_KINDS, seed=4) == some_orders(ALL_KINDS, seed=4)
        assert some_orders(ALL_KINDS, seed=4) != some_orders(ALL_KINDS, seed=5)

    def test_keeps_to_the_mix(self) -> None:
        orders = some_orders(DEFAULT_MIX)

        assert Counter(order.kind for order in orders) == DEFAULT_MIX

    def test_never_gives_an_id_twice(self) -> None:
        orders = some_orders(ALL_KINDS) + some_orders(ALL_KINDS, first_serial=141)

        # The last part alone keeps them apart; the middle part is chance.
        assert len({order.order_id[-7:] for order in orders}) == 280
        items = [item["orderItemId"] for order in orders for item in order.document["orderItems"]]
        assert len(set(items)) == len(items)

    def test_comes_oldest_first(self) -> None:
        created = [order.created for order in some_orders(ALL_KINDS)]

        assert created == sorted(created)

    def test_reaches_every_marketplace(self) -> None:
        currencies = {
            order.document["proceeds"]["grandTotal"]["currencyCode"]
            for order in some_orders(ALL_KINDS)
        }

        assert currencies == {"USD", "CAD", "MXN", "GBP", "EUR", "JPY"}

    @pytest.mark.parametrize(
        ("kind", "status", "fulfillers"),
        [
            (OrderKind.MFN, Status.UNSHIPPED, {"MERCHANT"}),
            (OrderKind.FBA, Status.SHIPPED, {"AMAZON"}),
            (OrderKind.SFP, Status.SHIPPED, {"MERCHANT"}),
            (OrderKind.MIXED, Status.PARTIALLY_SHIPPED, {"MERCHANT"}),
            (OrderKind.PENDING, Status.PENDING, {"MERCHANT", "AMAZON"}),
            (OrderKind.CANCELLED, Status.CANCELLED, {"MERCHANT", "AMAZON"}),
            (OrderKind.UNKNOWN_SKU, Status.UNSHIPPED, {"MERCHANT"}),
        ],
    )
    def test_gives_each_kind_its_state(
        self, kind: OrderKind, status: Status, fulfillers: set[str]
    ) -> None:
        orders = some_orders({kind: 30})

        assert {o.status for o in orders} == {status}
        assert {o.fulfilled_by for o in orders} == fulfillers

    def test_marks_seller_fulfilled_prime_alone_as_merchant_and_prime(self) -> None:
        prime = [
            order.kind
            for order in some_orders(ALL_KINDS)
            if order.fulfilled_by == "MERCHANT" and "PRIME" in order.document["programs"]
        ]

        assert set(prime) == {OrderKind.SFP}
        assert len(prime) == 20

    def test_mixes_lines_that_ship_wait_and_are_cancelled(self) -> None:
        states = {_line_state(item) for item in an_order(OrderKind.MIXED).document["orderItems"]}

        assert states == {"fulfilled", "open", "cancelled"}

    def test_puts_an_unknown_sku_only_into_orders_of_that_kind(self) -> None:
        orders = some_orders(ALL_KINDS, unknown_skus=["NO-SUCH"])

        strange = {o.kind for o in orders if "NO-SUCH" in _skus(o.document)}
        assert strange == {OrderKind.UNKNOWN_SKU}

    def test_pays_what_the_order_comes_to(self) -> None:
        for order in some_orders(ALL_KINDS):
            paid = order.document["payment"]["paymentExecutions"][0]["paymentAmount"]
            assert paid == order.document["proceeds"]["grandTotal"]


class TestGenerationSpec:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"count": 0},
            {"count": 5001},
            {"mix": {"mfn": 0}},
            {"mix": {"example": 1}},
            {"mix": {"afn": 1}},
            {"skus": []},
            {"skus": ["A", "B"], "mix": {"mixed": 1}},
            {"cuont": 3},
        ],
    )
    def test_refuses_what_cannot_be_invented(self, wrong: dict[str, object]) -> None:
        with pytest.raises(ValidationError):
            GenerationSpec.model_validate({"count": 1, **wrong})


def _skus(document: Document) -> set[str]:
    return {item["product"]["sellerSku"] for item in document["orderItems"]}


def _line_state(item: Document) -> str:
    if "cancellationExecution" in item.get("cancellation", {}):
        return "cancelled"
    return "open" if item["fulfillment"]["quantityUnfulfilled"] else "fulfilled"

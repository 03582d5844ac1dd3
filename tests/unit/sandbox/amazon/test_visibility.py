from __future__ import annotations

import json

import pytest

from isthmus_sandbox.amazon.evolution import Action, evolved
from isthmus_sandbox.amazon.orders import Document, Order, OrderKind
from isthmus_sandbox.amazon.query import SECTIONS
from isthmus_sandbox.amazon.visibility import visible
from tests.unit.sandbox.amazon.orders import an_order, some_orders
from tests.unit.sandbox.stopped_clock import StoppedClock


def shown(order: Order, *sections: str, restricted_role: bool = True) -> Document:
    return visible(order, sections=sections or SECTIONS, restricted_role=restricted_role)


class TestVisible:
    def test_leaves_out_what_was_not_asked_for(self) -> None:
        bare = visible(an_order(), sections=(), restricted_role=True)

        expected = {"orderId", "createdTime", "lastUpdatedTime", "programs"}
        assert set(bare) == expected | {"salesChannel", "orderItems"}
        assert set(bare["orderItems"][0]) == {"orderItemId", "quantityOrdered", "product"}

    @pytest.mark.parametrize(
        ("section", "field"),
        [
            ("BUYER", "buyer"),
            ("RECIPIENT", "recipient"),
            ("PROCEEDS", "proceeds"),
            ("FULFILLMENT", "fulfillment"),
            ("PAYMENT", "payment"),
            ("PACKAGES", "packages"),
        ],
    )
    def test_shows_a_section_that_was_asked_for(self, section: str, field: str) -> None:
        order = an_order(OrderKind.SFP)

        assert field in shown(order, section)
        assert field not in visible(order, sections=SECTIONS - {section}, restricted_role=True)

    def test_shows_no_person_without_the_role(self) -> None:
        for order in some_orders({OrderKind.MFN: 60}):
            text = json.dumps(shown(order, restricted_role=False), ensure_ascii=False)
            for secret in _secrets(order.document):
                assert secret not in text

    def test_shows_neither_doorstep_nor_engraving_without_the_role(self) -> None:
        order = an_order()
        order.document["recipient"]["deliveryPreference"] = {"addressInstruction": "Ask for Zoë"}
        order.document["orderItems"][0]["product"]["customization"] = {"customizedUrl": "https://x"}

        with_role, without = shown(order), shown(order, restricted_role=False)

        assert "deliveryPreference" in with_role["recipient"]
        assert "customization" in with_role["orderItems"][0]["product"]
        assert "deliveryPreference" not in without["recipient"]
        assert "customization" not in without["orderItems"][0]["product"]

    def test_shows_the_place_without_the_role(self) -> None:
        address = shown(an_order(), restricted_role=False)["recipient"]["deliveryAddress"]

        assert set(address) == {"city", "stateOrRegion", "postalCode", "countryCode"}

    def test_shows_neither_price_nor_person_of_a_pending_order(self) -> None:
        order = shown(an_order(OrderKind.PENDING))

        assert {"buyer", "recipient", "proceeds", "payment"}.isdisjoint(order)
        assert "price" not in order["orderItems"][0]["product"]
        assert "proceeds" not in order["orderItems"][0]

    def test_shows_them_once_it_is_paid(self) -> None:
        paid = evolved(an_order(OrderKind.PENDING), Action.PAY, now=StoppedClock().now())

        assert {"buyer", "recipient", "proceeds", "payment"} <= set(shown(paid))

    def test_shows_no_proceeds_of_a_cancelled_order(self) -> None:
        order = shown(an_order(OrderKind.CANCELLED))

        assert {"recipient", "proceeds", "payment"}.isdisjoint(order)

    def test_shows_the_email_and_phone_only_while_the_seller_ships(self) -> None:
        open_, fba, shipped = (
            shown(an_order(kind)) for kind in (OrderKind.MFN, OrderKind.FBA, OrderKind.SFP)
        )

        assert "buyerEmail" in open_["buyer"]
        assert "phone" in open_["recipient"]["deliveryAddress"]
        assert "buyerEmail" not in fba["buyer"]
        assert "phone" not in fba["recipient"]["deliveryAddress"]
        assert "buyerEmail" in shipped["buyer"]
        assert "phone" not in shipped["recipient"]["deliveryAddress"]


def _secrets(document: Document) -> set[str]:
    address = document["recipient"]["deliveryAddress"]
    gifts = [item["fulfillment"].get("packing", {}) for item in document["orderItems"]]
    messages = {gift["giftOption"]["giftMessage"] for gift in gifts if gift}
    personal = {address["name"], address["addressLine1"], address["phone"]}
    return personal | messages | {document["buyer"]["buyerEmail"]}

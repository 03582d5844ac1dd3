"""An equal command is written once; what of an order bears on its command is decided per field."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import msgspec
import pytest

from isthmus.messages.amazon import Charge, Order, OrderItem
from isthmus.messages.netsuite import CommandedOrder, OrderCommand
from isthmus.testing.builders import (
    PURCHASED,
    UPDATED,
    a_charge,
    a_netsuite_item,
    an_order,
    an_order_item,
    usd,
)
from isthmus_mapper.domain.booking import booking_of
from isthmus_mapper.domain.commanded import substance_hash
from isthmus_mapper.handler import COMMANDED
from tests.unit.mapper.parts import Stage, a_mapping

LATER: Final = UPDATED + timedelta(hours=1)
SEVERAL: Final = (an_order_item(), an_order_item(item_id="2", sku="SKU-0002"))

# For each field of an order: another value. Those that bear on the command, and those that do not.
BEARING: Final[Mapping[type[msgspec.Struct], Mapping[str, Any]]] = {
    Order: {
        "marketplace_id": "A2EUQ1WTGCTBG2",
        "purchased_at": PURCHASED + timedelta(days=1),
        "fulfilled_by": "AMAZON",
        "programs": ("PRIME",),
        "service_level": "EXPEDITED",
        "grand_total": usd("41.00"),
        "items": SEVERAL,
    },
    OrderItem: {
        "item_id": "2",
        "sku": "SKU-0002",
        "quantity_ordered": 2,
        "charges": (a_charge("40.00"), a_charge("5.00", type="SHIPPING")),
    },
    Charge: {"type": "SHIPPING", "amount": usd("41.00")},
}
IDLE: Final[Mapping[type[msgspec.Struct], Mapping[str, Any]]] = {
    Order: {
        "updated_at": LATER,
        "status": "PARTIALLY_SHIPPED",
        "ship_by": LATER,
        "deliver_by": LATER,
        "ship_country": "US",
        "ship_state": "WA",
        "buyer": b"sealed anew",
        "recipient": b"sealed anew",
        "source": "report",
        "sections": ("PROCEEDS",),
    },
    OrderItem: {
        "asin": "B000000002",
        "title": "A better title",
        "quantity_fulfilled": 1,
        "quantity_unfulfilled": 0,
        "unit_price": usd("39.99"),
        "programs": ("TRANSPARENCY",),
    },
    Charge: {"subtype": "other"},
}
# Of the key: another value is another order.
IDENTITY: Final = {"account", "order_id"}


def changed(kind: type[msgspec.Struct], field: str, value: Any) -> Order:
    """Return an order of which one field differs."""
    if kind is Order:
        return an_order(**{"grand_total": usd("40.00"), field: value})
    if kind is OrderItem:
        return an_order(grand_total=usd("40.00"), items=(an_order_item(**{field: value}),))
    charge = msgspec.structs.replace(a_charge("40.00"), **{field: value})
    return an_order(grand_total=usd("40.00"), items=(an_order_item(charges=(charge,)),))


def substance(order: Order) -> str:
    return substance_hash(order, booking_of(order))


def cases(of: Mapping[type[msgspec.Struct], Mapping[str, Any]]) -> list[Any]:
    return [
        pytest.param(kind, field, value, id=f"{kind.__name__}.{field}")
        for kind, fields in of.items()
        for field, value in fields.items()
    ]


class TestSubstance:
    @pytest.mark.parametrize("kind", [Order, OrderItem, Charge])
    def test_is_decided_for_every_field(self, kind: type[msgspec.Struct]) -> None:
        decided = {*BEARING[kind], *IDLE[kind], *(IDENTITY if kind is Order else ())}

        assert decided == set(kind.__struct_fields__)

    @pytest.mark.parametrize(("kind", "field", "value"), cases(BEARING))
    def test_changes_with_what_bears_on_the_command(
        self, kind: type[msgspec.Struct], field: str, value: Any
    ) -> None:
        assert substance(changed(kind, field, value)) != substance(an_order())

    @pytest.mark.parametrize(("kind", "field", "value"), cases(IDLE))
    def test_stays_where_the_command_would(
        self, kind: type[msgspec.Struct], field: str, value: Any
    ) -> None:
        order, same = an_order(), changed(kind, field, value)

        assert substance(same) == substance(order)
        assert payload_hash_of(same) == payload_hash_of(order)

    def test_does_not_depend_on_the_order_in_which_amazon_lists_things(self) -> None:
        assert substance(an_order(items=SEVERAL)) == substance(an_order(items=SEVERAL[::-1]))

    def test_does_not_depend_on_how_an_amount_is_written(self) -> None:
        item = an_order_item(charges=(a_charge("40.0000"),))

        assert substance(an_order(items=(item,))) == substance(an_order())


def payload_hash_of(order: Order) -> str:
    [row] = [one.value for one in Stage().outputs(order) if one.topic == COMMANDED]
    assert isinstance(row, CommandedOrder)
    return row.payload_hash


class TestAnOrderThatWasCommanded:
    def test_is_remembered_with_its_command(self) -> None:
        command, memory = Stage().outputs(an_order())

        assert isinstance(command.value, OrderCommand)
        assert isinstance(memory.value, CommandedOrder)
        assert memory.key == command.key
        assert (memory.value.kind, memory.value.external_id) == (
            "SalesOrder",
            "AMZ-SO-111-1234567-1234567",
        )
        assert memory.value.mapping_version == "0123456789ab"
        assert memory.value.fact == "amazon.orders/3/17"

    def test_is_not_commanded_again_by_a_later_fact_that_asks_for_the_same(self) -> None:
        stage = Stage()
        stage.outputs(an_order())

        later = stage.outputs(an_order(status="SHIPPED", updated_at=LATER, recipient=b"new"))

        assert later == []

    def test_is_commanded_again_when_what_it_asks_for_changes(self) -> None:
        stage = Stage(items=(a_netsuite_item(), a_netsuite_item("SKU-0002")))
        stage.outputs(an_order(items=SEVERAL))

        [command] = stage.commands(an_order(items=SEVERAL[:1], updated_at=LATER))

        assert isinstance(command.value, OrderCommand)
        assert len(command.value.body.lines) == 1

    def test_is_commanded_again_once_a_change_was_taken_back(self) -> None:
        stage = Stage(items=(a_netsuite_item(), a_netsuite_item("SKU-0002")))
        for count, hours in ((2, 0), (1, 1)):
            stage.outputs(
                an_order(items=SEVERAL[:count], updated_at=UPDATED + timedelta(hours=hours))
            )

        assert stage.commands(an_order(items=SEVERAL, updated_at=UPDATED + timedelta(hours=2)))

    @pytest.mark.parametrize(
        "change", [{"custom_fields": {"custbody_channel": "shop"}}, {"tax": "omit"}]
    )
    def test_keeps_its_command_under_another_mapping(self, change: dict[str, Any]) -> None:
        stage = Stage()
        stage.outputs(an_order())
        stage.mapping = a_mapping(**change)

        assert stage.outputs(an_order(status="SHIPPED", updated_at=LATER)) == []

    def test_keeps_its_command_when_its_item_is_replaced_or_gone(self) -> None:
        stage = Stage()
        stage.outputs(an_order())
        stage.items = ()

        assert stage.outputs(an_order(status="SHIPPED", updated_at=LATER)) == []

    def test_is_not_commanded_by_an_older_state_that_is_replayed(self) -> None:
        stage = Stage(items=(a_netsuite_item(), a_netsuite_item("SKU-0002")))
        stage.outputs(an_order(items=SEVERAL, updated_at=LATER))

        assert stage.outputs(an_order(items=SEVERAL[:1], updated_at=UPDATED)) == []

    def test_is_remembered_anew_when_a_change_leaves_the_command_as_it_is(self) -> None:
        stage = Stage()
        stage.outputs(an_order())
        gone = an_order_item(item_id="2", sku="SKU-0002", quantity_ordered=0, charges=())

        [memory] = stage.outputs(an_order(items=(an_order_item(), gone), updated_at=LATER))

        assert memory.topic == COMMANDED


class TestAnOrderThatWasNotCommanded:
    def test_is_mapped_by_the_mapping_of_its_moment(self) -> None:
        stage = Stage()
        stage.outputs(an_order(status="PENDING", grand_total=None))
        stage.mapping = a_mapping(custom_fields={"custbody_channel": "shop"})

        [command] = stage.commands(an_order(updated_at=LATER))

        assert isinstance(command.value, OrderCommand)
        assert command.value.body.custom_fields == {"custbody_channel": "shop"}

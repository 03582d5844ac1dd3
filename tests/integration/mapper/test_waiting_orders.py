"""Orders wait for their items in sight of people, and go on by themselves, on a real Kafka."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from isthmus.kafka.local import KafkaCluster
from isthmus.messages.amazon import Order
from isthmus.messages.control import Audit
from isthmus.messages.netsuite import OrderCommand
from isthmus.testing.builders import UPDATED, an_order, an_order_item
from tests.integration.mapper.running import World, eventually, running_mapper

NUMBERS = iter(range(1, 1000))


@pytest.fixture(scope="module")
def world(kafka: KafkaCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Run one mapper for all tests; each has orders of its own."""
    folder = tmp_path_factory.mktemp("mapper")
    with running_mapper(kafka, prefix=f"{folder.name}.", folder=folder) as running:
        yield running


def an_order_of(sku: str, **fields: object) -> Order:
    """Return an order that no other test has."""
    order_id = f"111-{next(NUMBERS):07}-0000000"
    return an_order(**{"order_id": order_id, "items": (an_order_item(sku=sku),), **fields})


def a_later(order: Order, *, hours: int, **fields: object) -> Order:
    """Return the next state of an order."""
    same = {name: getattr(order, name) for name in order.__struct_fields__}
    return an_order(**{**same, "updated_at": UPDATED + timedelta(hours=hours), **fields})


@pytest.mark.kafka
@pytest.mark.timeout(300)
class TestAnOrderOfAnUnknownSku:
    def test_is_told_to_people_and_goes_on_in_order_once_the_item_is_there(
        self, world: World
    ) -> None:
        world.all_items_read()
        waiting, forgotten = an_order_of("NEW-1"), an_order_of("NEVER-1")
        for order in (waiting, forgotten):
            world.order(order)
        world.order(a_later(waiting, hours=1, service_level="EXPEDITED"))
        eventually(lambda: len(world.letters(waiting)) == 2 and world.letters(forgotten))

        first, second = world.letters(waiting)
        assert (first.reason, second.reason) == ("unknown-sku", "held")
        assert "Remedy: create an item named NEW-1, and the order goes on by itself" in (
            first.message
        )
        assert world.commands(waiting) == []

        world.item("NEW-1")
        eventually(lambda: len(world.commands(waiting)) == 2)

        methods = [_command(one).body.ship_method_id for one in world.commands(waiting)]
        assert methods == ["91", "92"]
        assert world.commands(forgotten) == []
        audits = [audit for _, audit in world.records("isthmus.audit")]
        replays = [one for one in audits if isinstance(one, Audit) and one.action == "replay"]
        assert {(one.key, one.by) for one in replays} == {
            (first.key, world.topology.group("mapper"))
        }

        # The key is held no more: what comes now runs at once, and joins no dead letters.
        world.order(a_later(waiting, hours=2))
        eventually(lambda: len(world.commands(waiting)) == 3)
        assert len(world.letters(waiting)) == 2


@pytest.mark.kafka
@pytest.mark.timeout(300)
class TestAnOrderBeforeTheItems:
    def test_waits_without_a_dead_letter(self, world: World) -> None:
        early = an_order_of("EARLY-1", account="acme-eu")
        world.order(early)
        eventually(lambda: _is_parked(world, early))

        world.item("EARLY-1", account="acme-eu")
        world.all_items_read(account="acme-eu")
        eventually(lambda: world.commands(early))

        assert world.letters(early) == []


def _is_parked(world: World, order: Order) -> bool:
    retry = world.topology.retry("amazon.orders", "mapper")
    return any(
        one.key() == f"{order.account}/{order.order_id}".encode() for one in world.messages(retry)
    )


def _command(value: object) -> OrderCommand:
    assert isinstance(value, OrderCommand)
    return value

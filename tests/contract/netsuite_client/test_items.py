"""The feed of items, on the fake and on the simulated NetSuite alike."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from isthmus.core.errors import Rejected
from isthmus.core.records import Batch
from isthmus.messages.netsuite import Item
from isthmus_inventory_publisher.adapters import SuiteQLItems
from isthmus_inventory_publisher.handler import ItemsFeed
from isthmus_inventory_publisher.settings import PollSettings
from isthmus_inventory_publisher.wiring import items_feed
from tests.contract.netsuite_client.subjects import Subject, an_intent, unique


def feed_of(subject: Subject, **settings: Any) -> ItemsFeed:
    poll = PollSettings(**{"accounts": ("acme-us",), **settings})
    return items_feed(subject.account, poll, clock=subject.clock)


def facts(batches: list[Batch]) -> dict[str, Item]:
    outputs = [one.value for batch in batches for one in batch.outputs]
    return {item.sku: item for item in outputs if isinstance(item, Item)}


class TestItemsFeed:
    def test_tells_items_of_both_kinds_with_the_moment_of_their_change(
        self, subject: Subject
    ) -> None:
        sold, gone = unique("SOLD"), unique("GONE")
        sold_id = subject.put_item(sold, display_name="Mug")
        subject.put_item(gone, is_inactive=True)

        told = facts(list(feed_of(subject)("acme-us", None)))

        assert told[sold] == Item(
            account="acme-us",
            internal_id=sold_id,
            sku=sold,
            external_id=None,
            display_name="Mug",
            item_type="InvtPart",
            is_inactive=False,
            modified_at=told[sold].modified_at,
        )
        assert told[gone].is_inactive
        assert abs(subject.clock.now() - told[sold].modified_at) < timedelta(seconds=30)

    @pytest.mark.parametrize("page_size", [1, 2, 1000])
    def test_misses_none_and_repeats_none_page_by_page(
        self, subject: Subject, page_size: int
    ) -> None:
        skus = [unique("SKU") for _ in range(5)]
        for sku in skus:
            subject.put_item(sku)

        batches = list(feed_of(subject, page_size=page_size)("acme-us", None))

        told = [one.value.sku for b in batches for one in b.outputs if isinstance(one.value, Item)]
        assert [sku for sku in told if sku in skus] == skus
        assert len(told) == len(set(told))

    def test_tells_a_change_and_nothing_else(self, subject: Subject) -> None:
        subject.put_item(unique("OTHER"))
        sku = unique("SKU")
        subject.put_item(sku)
        feed = feed_of(subject)
        *_, last = feed("acme-us", None)
        subject.put_item(sku, display_name="A new name")

        told = facts(list(feed("acme-us", last.cursor)))

        assert list(told) == [sku]
        assert told[sku].display_name == "A new name"


class TestSuiteQL:
    def test_tells_the_account_s_own_time(self, subject: Subject) -> None:
        subject.put_item(unique("SKU"))
        table = SuiteQLItems(
            account=subject.account, time=subject.clock, page_size=9, pages_max=9, query_s=30
        )

        clock = table.clock()

        assert clock.offset in {timedelta(hours=-8), timedelta(hours=-7)}
        assert abs(clock.read_at - subject.clock.now()) < timedelta(seconds=30)

    @pytest.mark.parametrize("query", ["SELEC id FROM item", "SELECT nonsense FROM item"])
    def test_refuses_what_it_does_not_understand(self, subject: Subject, query: str) -> None:
        with pytest.raises(Rejected):
            subject.account.suiteql.rows(query, intent=an_intent())

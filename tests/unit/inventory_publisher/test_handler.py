"""Every item, and every change of it, becomes a fact."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from isthmus.core.errors import Rejected, Retryable
from isthmus.core.records import Batch
from isthmus.messages.netsuite import FeedState, Item
from isthmus.testing.clock import VirtualClock
from isthmus.testing.netsuite import FakeNetSuite
from isthmus.testing.suiteql import ItemRow
from isthmus_inventory_publisher.settings import PollSettings
from isthmus_inventory_publisher.wiring import items_feed

# Two hours before California sets its clocks back, at 09:00 UTC.
BEFORE_FALL = datetime(2026, 11, 1, 7, 0, tzinfo=UTC)
# An hour before California sets its clocks forward, at 10:00 UTC.
BEFORE_SPRING = datetime(2027, 3, 14, 9, 0, tzinfo=UTC)


class Shop:
    """A NetSuite with items, and a feed of them whose checkpoint is kept."""

    def __init__(self, *, start: datetime | None = None, **settings: Any) -> None:
        self.clock = VirtualClock() if start is None else VirtualClock(start=start)
        self.netsuite = FakeNetSuite(self.clock)
        poll = PollSettings(**{"accounts": ("acme-us",), **settings})
        self.feed = items_feed(self.netsuite.account(), poll, clock=self.clock)
        self.cursor: str | None = None

    def batches(self) -> Iterator[Batch]:
        """Poll, and keep each batch's cursor as it comes."""
        for batch in self.feed("acme-us", self.cursor):
            self.cursor = batch.cursor
            yield batch

    def poll(self) -> list[Item]:
        """Poll to the end and return the facts."""
        outputs = [one for batch in self.batches() for one in batch.outputs]
        return [one.value for one in outputs if isinstance(one.value, Item)]

    def skus(self) -> list[str]:
        return [item.sku for item in self.poll()]


class TestItemsFeed:
    def test_tells_what_netsuite_knows_of_an_item(self) -> None:
        shop = Shop()
        shop.netsuite.put_item(
            328, "SKU-0001", external_id="EXT-1", display_name="Mug", item_type="Kit"
        )

        batch, _end = shop.batches()

        [output] = batch.outputs
        assert (output.topic, output.key) == ("netsuite.items", "acme-us/328")
        assert output.value == Item(
            account="acme-us",
            internal_id="328",
            sku="SKU-0001",
            external_id="EXT-1",
            display_name="Mug",
            item_type="Kit",
            is_inactive=False,
            modified_at=shop.clock.now(),
        )

    def test_tells_once_that_all_items_were_told(self) -> None:
        shop = Shop(page_size=1)
        shop.netsuite.put_item(328, "SKU-0001")
        shop.netsuite.put_item(329, "SKU-0002")

        *pages, end = shop.batches()
        shop.netsuite.put_item(330, "SKU-0003")
        later = [one for batch in shop.batches() for one in batch.outputs]

        assert [len(page.outputs) for page in pages] == [1, 1]
        [output] = end.outputs
        assert (output.topic, output.key) == ("netsuite.feeds", "acme-us/items")
        assert output.value == FeedState(account="acme-us", feed="items", whole_at=shop.clock.now())
        assert [one.topic for one in later] == ["netsuite.items"]

    def test_does_not_tell_so_before_the_end(self) -> None:
        shop = Shop(page_size=1, pages_max=1)
        shop.netsuite.put_item(328, "SKU-0001")
        shop.netsuite.put_item(329, "SKU-0002")

        batches = shop.batches()
        page = next(batches)
        with pytest.raises(Retryable):
            next(batches)

        assert [one.topic for one in page.outputs] == ["netsuite.items"]

    def test_tells_so_of_a_cursor_of_the_former_release(self) -> None:
        shop = Shop()
        shop.netsuite.put_item(328, "SKU-0001")
        list(shop.batches())
        former = msgspec.json.decode(shop.cursor or "")
        del former["is_whole"]
        shop.cursor = msgspec.json.encode(former).decode()

        [end] = shop.batches()

        assert [one.topic for one in end.outputs] == ["netsuite.feeds"]

    def test_tells_an_inactive_item_too(self) -> None:
        shop = Shop()
        shop.netsuite.put_item(328, "SKU-0001", is_inactive=True)

        [item] = shop.poll()

        assert item.is_inactive

    def test_tells_nothing_twice(self) -> None:
        shop = Shop()
        shop.netsuite.put_item(328, "SKU-0001")
        shop.poll()

        assert list(shop.batches()) == []

    def test_tells_a_change(self) -> None:
        shop = Shop()
        shop.netsuite.put_item(328, "SKU-0001")
        shop.netsuite.put_item(329, "SKU-0002")
        shop.poll()
        shop.clock.advance(3600)
        shop.netsuite.put_item(328, "SKU-0001-NEW")

        assert shop.skus() == ["SKU-0001-NEW"]

    def test_tells_a_second_change_within_the_same_second(self) -> None:
        shop = Shop()
        shop.netsuite.put_item(328, "SKU-0001")
        shop.poll()
        shop.netsuite.put_item(328, "SKU-0001-NEW")

        assert shop.skus() == ["SKU-0001-NEW"]

    def test_finds_a_change_that_became_visible_late(self) -> None:
        shop = Shop(overlap_s=900)
        early, late = FakeNetSuite(shop.clock), shop.netsuite
        early.put_item(329, "SAVED-EARLY-SEEN-LATE")
        shop.clock.advance(600)
        late.put_item(328, "SKU-0001")
        shop.poll()

        late.items.update(early.items)

        assert shop.skus() == ["SAVED-EARLY-SEEN-LATE"]

    @pytest.mark.parametrize("count", [1, 2, 3, 4, 7])
    def test_reads_page_by_page_also_within_one_second(self, count: int) -> None:
        shop = Shop(page_size=2)
        for number in range(1, count + 1):
            shop.netsuite.put_item(number, f"SKU-{number}")

        assert shop.skus() == [f"SKU-{number}" for number in range(1, count + 1)]

    def test_goes_on_where_it_was_interrupted(self) -> None:
        shop = Shop(page_size=2)
        for number in range(1, 6):
            shop.netsuite.put_item(number, f"SKU-{number}")
        first = next(shop.batches())

        told = [one.value.sku for one in first.outputs if isinstance(one.value, Item)]
        assert told + shop.skus() == [f"SKU-{number}" for number in range(1, 6)]

    def test_keeps_what_it_told_when_netsuite_stops_answering(self) -> None:
        shop = Shop(page_size=2)
        for number in range(1, 4):
            shop.netsuite.put_item(number, f"SKU-{number}")
        batches = shop.batches()
        next(batches)
        shop.netsuite.fail("suiteql", Retryable("503"))
        with pytest.raises(Retryable):
            next(batches)

        assert shop.skus() == ["SKU-3"]

    def test_remembers_so_many_changes_and_tells_the_rest_again(self) -> None:
        shop = Shop(seen_max=2)
        for number in range(1, 5):
            shop.netsuite.put_item(number, f"SKU-{number}")
            shop.clock.advance(1)
        shop.poll()

        again = shop.skus()

        assert again == ["SKU-1", "SKU-2"]

    def test_says_when_the_role_may_see_nothing(self) -> None:
        shop = Shop()

        with pytest.raises(Retryable, match="Remedy") as raised:
            shop.poll()

        assert raised.value.reason_class == "no-items-visible"

    def test_says_so_also_when_the_permission_went_away(self) -> None:
        shop = Shop()
        shop.netsuite.put_item(328, "SKU-0001")
        shop.poll()
        shop.clock.advance(86_400)
        shop.netsuite.items.clear()

        with pytest.raises(Retryable, match="Remedy"):
            shop.poll()

    def test_is_quiet_when_nothing_changed_for_long(self) -> None:
        shop = Shop()
        shop.netsuite.put_item(328, "SKU-0001")
        shop.poll()
        shop.clock.advance(86_400)

        assert list(shop.batches()) == []

    def test_refuses_a_checkpoint_that_is_not_its_own(self) -> None:
        shop = Shop()
        shop.cursor = '{"watermark": "yesterday"}'

        with pytest.raises(Rejected, match="Remedy"):
            shop.poll()


class TestDaylightSaving:
    @pytest.mark.parametrize("start", [BEFORE_FALL, BEFORE_SPRING], ids=["fall", "spring"])
    def test_loses_no_change(self, start: datetime) -> None:
        shop = Shop(start=start, overlap_s=600)
        told: list[str] = []

        for number in range(1, 25):
            shop.clock.advance(600)
            shop.netsuite.put_item(number, f"SKU-{number}")
            told += shop.skus()

        # The hour that comes twice by the account's clock may be told twice.
        assert list(dict.fromkeys(told)) == [f"SKU-{number}" for number in range(1, 25)]

    def test_is_seen_in_the_moments_of_the_facts(self) -> None:
        shop = Shop(start=BEFORE_FALL)
        shop.clock.advance(4 * 3600)
        shop.netsuite.put_item(328, "SKU-0001")

        [item] = shop.poll()

        assert item.modified_at == shop.clock.now()


class TestBadRow:
    @pytest.mark.parametrize(
        ("column", "value"), [("itemid", ""), ("itemtype", ""), ("isinactive", "?")]
    )
    def test_becomes_a_dead_letter_and_the_next_goes_on(self, column: str, value: str) -> None:
        shop = Shop()
        shop.netsuite.put_item(328, "SKU-0001")
        shop.netsuite.put_item(329, "SKU-0002")
        good = shop.netsuite.items[328]
        shop.netsuite.items[328] = ItemRow(**{**asdict(good), column: value})

        batch, _end = shop.batches()

        [refused] = batch.refused
        assert (refused.topic, refused.key, refused.path) == (
            "netsuite.items",
            "acme-us/328",
            column,
        )
        assert b"328" in refused.raw
        assert [one.key for one in batch.outputs] == ["acme-us/329"]

    def test_is_refused_once(self) -> None:
        shop = Shop()
        shop.netsuite.put_item(328, "")
        list(shop.batches())

        assert list(shop.batches()) == []

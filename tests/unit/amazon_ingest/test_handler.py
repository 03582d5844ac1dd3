"""The sweep: windows, pages, restarts, dead letters."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.core.errors import Rejected, Retryable
from isthmus.core.records import Batch
from isthmus.messages.amazon import Order
from isthmus_amazon_ingest.domain.cursor import read_cursor
from isthmus_amazon_ingest.handler import (
    LETTER_BYTES_MAX,
    OrdersSweep,
    SweepBounds,
    SweptAccount,
)
from isthmus_amazon_ingest.ports import Page, StaleToken
from tests.unit.amazon_ingest.amazon_orders import PERSONAL, Json, OpenSealer, amazon_order, raw

NOW = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)
OVERLAP = timedelta(minutes=5)
BOUNDS = SweepBounds(lookback=timedelta(hours=1), overlap=OVERLAP, seen_max=100, fact_bytes=20_000)


def at(minute: float) -> datetime:
    return datetime(2026, 11, 27, 7, 0, tzinfo=UTC) + timedelta(minutes=minute)


def updated(number: int, *, minute: float) -> Json:
    return amazon_order(orderId=f"111-0000000-{number:07}", lastUpdatedTime=at(minute).isoformat())


BOUND = at(50)


@dataclass
class SteadyAmazon:
    """Amazon's orders by their last update, searched up to a bound, with tokens bound to it."""

    orders: list[Json] = field(default_factory=list)
    bound: datetime = BOUND
    page_size: int = 2
    asked: list[tuple[datetime, str | None]] = field(default_factory=list)
    stale: set[str] = field(default_factory=set)

    def __call__(self, *, account: str, since: datetime, token: str | None) -> Page:
        assert account == "acme-us"
        self.asked.append((since, token))
        if token in self.stale:
            self.stale.discard(token)
            raise StaleToken
        skipped, bound, asked_since = self._read(token) if token else (0, self.bound, since)
        assert asked_since == since, "filters have to be sent again unchanged"
        found = sorted(
            (order for order in self.orders if since <= time_of(order) < bound), key=time_of
        )
        page = found[skipped : skipped + self.page_size]
        is_last = skipped + self.page_size >= len(found)
        return Page(
            orders=[raw(order) for order in page],
            next_token=None
            if is_last
            else f"{skipped + self.page_size}|{bound.isoformat()}|{since.isoformat()}",
            before=bound,
        )

    @staticmethod
    def _read(token: str) -> tuple[int, datetime, datetime]:
        skipped, bound, since = token.split("|")
        return int(skipped), datetime.fromisoformat(bound), datetime.fromisoformat(since)


def time_of(order: Json) -> datetime:
    return datetime.fromisoformat(order["lastUpdatedTime"])


class Scripted:
    """Pages in a row."""

    def __init__(self, *pages: Page) -> None:
        self._pages = list(pages)

    def __call__(self, *, account: str, since: datetime, token: str | None) -> Page:
        return self._pages.pop(0)


@dataclass
class Kept:
    raws: dict[str, bytes] = field(default_factory=dict)

    def __call__(self, raw: bytes, *, sha256: str) -> str:
        self.raws[sha256] = raw
        return f"kept as {sha256}.json"


def a_sweep(
    pages: object, *, keep: Kept | None = None, sealer: OpenSealer | None = None
) -> OrdersSweep:
    return OrdersSweep(
        pages=pages,  # type: ignore[arg-type]
        sealer=sealer or OpenSealer(),
        keep=keep or Kept(),
        now=lambda: NOW,
        accounts={"acme-us": SweptAccount(frozenset({"ATVPDKIKX0DER"}))},
        bounds=BOUNDS,
    )


def swept(pages: object, cursor: str | None = None) -> list[Batch]:
    return list(a_sweep(pages)("acme-us", cursor))


def facts(batches: Iterable[Batch]) -> list[Order]:
    return [
        output.value
        for batch in batches
        for output in batch.outputs
        if isinstance(output.value, Order)
    ]


def numbers(batches: Iterable[Batch]) -> list[int]:
    return [int(order.order_id[-7:]) for order in facts(batches)]


def one_page(*orders: Json | bytes, before: datetime = BOUND) -> Scripted:
    raws = [order if isinstance(order, bytes) else raw(order) for order in orders]
    return Scripted(Page(orders=raws, next_token=None, before=before))


class TestWindow:
    def test_is_read_page_by_page_to_its_end(self) -> None:
        amazon = SteadyAmazon([updated(n, minute=n) for n in range(1, 6)])

        batches = swept(amazon)

        assert [numbers([batch]) for batch in batches] == [[1, 2], [3, 4], [5]]
        assert read_cursor(batches[-1].cursor).after == amazon.bound

    def test_begins_a_while_ago(self) -> None:
        amazon = SteadyAmazon()

        swept(amazon)

        assert amazon.asked == [(NOW - BOUNDS.lookback - OVERLAP, None)]

    def test_begins_where_the_account_says(self) -> None:
        amazon = SteadyAmazon()
        sweep = OrdersSweep(
            pages=amazon,
            sealer=OpenSealer(),
            keep=Kept(),
            now=lambda: NOW,
            accounts={"acme-us": SweptAccount(frozenset(), since=at(-90))},
            bounds=BOUNDS,
        )

        list(sweep("acme-us", None))

        assert amazon.asked == [(at(-90) - OVERLAP, None)]

    def test_begins_at_the_echoed_bound_of_the_last_one_with_an_overlap(self) -> None:
        amazon = SteadyAmazon([updated(1, minute=10)])
        [first] = swept(amazon)
        amazon.asked.clear()

        swept(amazon, first.cursor)

        assert amazon.asked == [(amazon.bound - OVERLAP, None)]

    def test_is_told_even_when_it_is_empty(self) -> None:
        [batch] = swept(SteadyAmazon())

        assert batch.outputs == ()
        assert read_cursor(batch.cursor).after == at(50)

    def test_goes_by_the_token_and_not_by_an_empty_page(self) -> None:
        pages = Scripted(
            Page(orders=[], next_token="a", before=at(50)),
            Page(orders=[raw(updated(1, minute=9))], next_token=None, before=at(50)),
        )

        assert numbers(swept(pages)) == [1]

    def test_is_left_when_amazon_goes_in_circles(self) -> None:
        page = Page(orders=[], next_token="a", before=at(50))
        sweep = a_sweep(Scripted(page, page))("acme-us", None)
        next(sweep)

        with pytest.raises(Retryable, match="same page"):
            next(sweep)

    def test_is_not_read_for_an_account_that_nobody_knows(self) -> None:
        with pytest.raises(Rejected, match="Remedy: add it"):
            list(a_sweep(SteadyAmazon())("acme-jp", None))


class TestOverlap:
    def test_tells_nothing_twice(self) -> None:
        amazon = SteadyAmazon([updated(1, minute=44), updated(2, minute=46)])
        [first] = swept(amazon)

        assert numbers(swept(amazon, first.cursor)) == []

    def test_tells_what_appeared_late(self) -> None:
        amazon = SteadyAmazon([updated(1, minute=46)])
        [first] = swept(amazon)
        amazon.orders.append(updated(2, minute=47))

        assert numbers(swept(amazon, first.cursor)) == [2]

    def test_tells_another_update_of_a_known_order(self) -> None:
        amazon = SteadyAmazon([updated(1, minute=46)])
        [first] = swept(amazon)
        amazon.orders.append(updated(1, minute=48))

        assert numbers(swept(amazon, first.cursor)) == [1]

    def test_refuses_nothing_twice(self) -> None:
        broken = {**updated(1, minute=48), "orderItems": []}
        unreadable = b'{"orderId":7}'
        [first] = swept(one_page(broken, unreadable))
        assert len(first.refused) == 2

        [second] = swept(one_page(broken, unreadable), first.cursor)

        assert second.refused == ()


class TestRestart:
    def test_goes_on_in_the_middle_of_the_pages(self) -> None:
        amazon = SteadyAmazon([updated(n, minute=n) for n in range(1, 6)])
        before_the_kill = list(islice(a_sweep(amazon)("acme-us", None), 2))

        after = swept(amazon, before_the_kill[-1].cursor)

        assert numbers([*before_the_kill, *after]) == [1, 2, 3, 4, 5]

    def test_reads_the_window_anew_when_its_token_ran_out(self) -> None:
        amazon = SteadyAmazon([updated(n, minute=n) for n in range(1, 6)])
        [first] = islice(a_sweep(amazon)("acme-us", None), 1)
        amazon.stale = {read_cursor(first.cursor).token or ""}

        after = swept(amazon, first.cursor)

        assert set(numbers(after)) == {1, 2, 3, 4, 5}
        assert read_cursor(after[-1].cursor).after == amazon.bound

    def test_is_left_when_amazon_refuses_every_token(self) -> None:
        class Forgetful(SteadyAmazon):
            def __call__(self, *, account: str, since: datetime, token: str | None) -> Page:
                if token is not None:
                    raise StaleToken
                return super().__call__(account=account, since=since, token=token)

        amazon = Forgetful([updated(n, minute=n) for n in range(1, 6)])

        with pytest.raises(Retryable, match="refuses the tokens"):
            swept(amazon)

    def test_keeps_what_was_told_when_amazon_fails(self) -> None:
        class Failing(SteadyAmazon):
            def __call__(self, *, account: str, since: datetime, token: str | None) -> Page:
                if token is not None:
                    raise Retryable("503")
                return super().__call__(account=account, since=since, token=token)

        amazon = Failing([updated(n, minute=n) for n in range(1, 6)])
        sweep = a_sweep(amazon)("acme-us", None)
        first = next(sweep)

        with pytest.raises(Retryable):
            next(sweep)

        assert numbers([first]) == [1, 2]

    @given(
        seed=st.integers(0, 10**6),
        minutes=st.lists(st.floats(0, 69, allow_nan=False).map(lambda m: round(m, 2)), max_size=30),
    )
    def test_loses_no_update_whatever_happens(self, seed: int, minutes: Sequence[float]) -> None:
        chance = random.Random(seed)
        orders = [updated(n, minute=minute) for n, minute in enumerate(minutes)]
        amazon = SteadyAmazon(orders, bound=at(0))
        cursor: str | None = None
        told: set[int] = set()
        while amazon.bound < at(100):
            amazon.bound += timedelta(minutes=chance.randint(0, 20))
            # A batch counts only when its transaction commits; a kill may come before any.
            for batch in a_sweep(amazon)("acme-us", cursor):
                if chance.random() < 0.2:
                    break
                told |= set(numbers([batch]))
                cursor = batch.cursor
            if chance.random() < 0.2 and cursor is not None:
                amazon.stale = {read_cursor(cursor).token or ""}
        for _ in ("the window under way", "the last one"):
            batches = swept(amazon, cursor)
            told |= set(numbers(batches))
            cursor = batches[-1].cursor

        assert told == set(range(len(orders)))


class TestFact:
    def test_is_keyed_by_account_and_order(self) -> None:
        [batch] = swept(one_page(updated(1, minute=9)))

        fact = batch.outputs[-1]
        assert (fact.topic, fact.key) == ("amazon.orders", "acme-us/111-0000000-0000001")

    def test_comes_after_the_key_of_its_order(self) -> None:
        [batch] = swept(one_page(updated(1, minute=9)))

        assert [output.topic for output in batch.outputs] == [
            "isthmus.order-keys",
            "amazon.orders",
        ]

    def test_stops_the_feed_when_it_cannot_be_sealed(self) -> None:
        class WrongMasterKey(OpenSealer):
            def seal(self, *, record_key: str, field: str, plain: bytes) -> bytes:
                raise Rejected("another master key", reason_class="wrong-master-key")

        with pytest.raises(Rejected, match="another master key"):
            list(a_sweep(one_page(updated(1, minute=9)), sealer=WrongMasterKey())("acme-us", None))


class TestRefusal:
    def test_makes_no_key(self) -> None:
        [batch] = swept(one_page({**updated(1, minute=8), "orderItems": []}))

        assert batch.outputs == ()

    def test_lets_the_next_order_go_on(self) -> None:
        broken = {**updated(1, minute=8), "orderItems": []}

        [batch] = swept(one_page(broken, updated(2, minute=9)))

        assert numbers([batch]) == [2]
        [refused] = batch.refused
        assert (refused.topic, refused.key) == ("amazon.orders", "acme-us/111-0000000-0000001")
        assert (refused.reason_class, refused.path) == ("no-items", "orderItems")

    def test_holds_the_answer_without_the_person(self) -> None:
        broken = {**updated(1, minute=8), "orderItems": []}

        [batch] = swept(one_page(broken))

        letter = batch.refused[0].raw
        assert b'"orderId":"111-0000000-0000001"' in letter
        assert not [name for name in PERSONAL if name.encode() in letter]

    @pytest.mark.parametrize("garbage", [b"null", b"7", b'"Ada Lovelace"', b"[]"])
    def test_is_given_for_what_is_no_order_at_all(self, garbage: bytes) -> None:
        [batch] = swept(one_page(garbage, updated(2, minute=9)))

        assert numbers([batch]) == [2]
        assert batch.refused[0].reason_class == "malformed-order"
        assert b"Ada" not in batch.refused[0].raw

    def test_has_a_key_even_when_the_order_has_no_name(self) -> None:
        unreadable = b'{"orderId":7}'

        [batch] = swept(one_page(unreadable))

        digest = hashlib.sha256(unreadable).hexdigest()[:16]
        assert batch.refused[0].key == f"acme-us/unreadable-{digest}"

    def test_is_given_for_an_order_that_is_too_large_and_the_whole_is_kept(self) -> None:
        keep = Kept()
        large = updated(1, minute=9)
        large["orderItems"][0]["product"]["title"] = "x" * 100_000
        whole = raw(large)

        [batch] = a_sweep(one_page(whole), keep=keep)("acme-us", None)

        [refused] = batch.refused
        sha256 = hashlib.sha256(whole).hexdigest()
        assert keep.raws == {sha256: whole}
        assert refused.reason_class == "too-large"
        assert f"{len(whole)} bytes" in refused.detail
        assert f"sha256 {sha256}; kept as {sha256}.json" in refused.detail
        assert len(refused.raw) == LETTER_BYTES_MAX

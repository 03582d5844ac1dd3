"""Many requests at once, over real connections."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from threading import Barrier

import httpx
import pytest

from tests.contract.sandbox_netsuite.conftest import FACTOR
from tests.contract.sandbox_netsuite.world import SimulatedNetSuite, a_line, a_sale, codes

LIMIT = 5


def at_once(count: int, call: Callable[[int], httpx.Response]) -> list[httpx.Response]:
    """Make all calls in the same moment."""
    barrier = Barrier(count)

    def one(number: int) -> httpx.Response:
        barrier.wait(timeout=10)
        return call(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


@pytest.fixture
def slow(served: SimulatedNetSuite) -> SimulatedNetSuite:
    """Each request takes long enough to overlap with all that were sent at once."""
    served.break_down("slow", delay_s=1.5 * FACTOR)
    return served


class TestTheLimit:
    def test_blocks_what_is_beyond_it_and_queues_nothing(self, slow: SimulatedNetSuite) -> None:
        answers = at_once(20, lambda _: slow.post("salesOrder", a_sale()))

        counted = Counter(answer.status_code for answer in answers)
        assert counted == {204: LIMIT, 429: 20 - LIMIT}
        blocked = next(answer for answer in answers if answer.status_code == 429)
        assert codes(blocked) == ["CONCURRENCY_LIMIT_EXCEEDED"]
        # As documented: what stands at the top says something else.
        assert blocked.json()["o:errorCode"] == "USER_ERROR"
        assert "Retry-After" not in blocked.headers

    def test_is_for_reads_and_queries_too(self, slow: SimulatedNetSuite) -> None:
        answers = at_once(
            12,
            lambda number: (
                slow.get("customer/eid:AMZ-CUST-US")
                if number % 2
                else slow.suiteql("SELECT id FROM item")
            ),
        )

        assert Counter(answer.status_code for answer in answers) == {200: LIMIT, 429: 12 - LIMIT}

    def test_is_never_passed_under_steady_load(self, served: SimulatedNetSuite) -> None:
        def until_created(_: int) -> httpx.Response:
            body = a_sale()
            for _attempt in range(200):
                answer = served.post("salesOrder", body)
                if answer.status_code != 429:
                    break
                time.sleep(0.02)
            return answer

        answers = at_once(15, until_created)

        assert {answer.status_code for answer in answers} == {204}
        limit = served.http.get("/_control/limit").json()
        assert (limit["peak"], limit["in_use"]) == (LIMIT, 0)

    def test_can_be_set_and_told_in_the_other_form(self, slow: SimulatedNetSuite) -> None:
        slow.http.put("/_control/limit", json={"concurrency": 1, "share_as_400": 1})
        try:
            answers = at_once(4, lambda _: slow.post("salesOrder", a_sale()))
        finally:
            slow.http.put("/_control/limit", json={"concurrency": LIMIT})

        assert Counter(answer.status_code for answer in answers) == {204: 1, 400: 3}
        refused = next(answer for answer in answers if answer.status_code == 400)
        assert codes(refused) == ["CONCURRENCY_LIMIT_EXCEEDED"]


class TestTheSameExternalId:
    def test_sent_at_once_is_created_once(self, served: SimulatedNetSuite) -> None:
        body = a_sale(external_id=f"AMZ-SO-{uuid.uuid4().hex}")

        answers = at_once(LIMIT, lambda _: served.post("salesOrder", body))

        assert Counter(answer.status_code for answer in answers) == {204: 1, 400: LIMIT - 1}
        assert {tuple(codes(a)) for a in answers if a.status_code == 400} == {("DUP_RCRD",)}
        rows = [r for r in served.truth("salesOrder") if r["external_id"] == body["externalId"]]
        assert [row["creations"] for row in rows] == [1]

    def test_is_judged_at_the_commit_of_transactions_of_all_types(
        self, served: SimulatedNetSuite
    ) -> None:
        body = a_sale(external_id=f"AMZ-{uuid.uuid4().hex}")
        types = ("salesOrder", "cashSale", "salesOrder", "cashSale")

        answers = at_once(len(types), lambda number: served.post(types[number], body))

        assert Counter(answer.status_code for answer in answers) == {204: 1, 400: 3}


class TestTheTime:
    def test_a_write_takes_is_divided_by_the_clock_factor(self, served: SimulatedNetSuite) -> None:
        spent = []
        for _ in range(9):
            start = time.monotonic()
            served.post("salesOrder", a_sale())
            spent.append((time.monotonic() - start) * FACTOR)

        # The median of the model is 5.2 s; the machine's own time counts fiftyfold.
        assert 3.5 < sorted(spent)[4] < 15

    def test_a_read_takes_is_less_than_that_of_a_write(self, served: SimulatedNetSuite) -> None:
        many = a_sale(lines=[a_line() for _ in range(200)])
        start = time.monotonic()
        served.post("salesOrder", many)
        written = time.monotonic()
        served.get("customer/eid:AMZ-CUST-US")

        assert time.monotonic() - written < written - start


class TestTheJournal:
    def test_is_in_the_order_of_effects(self, served: SimulatedNetSuite) -> None:
        at_once(LIMIT, lambda _: served.post("salesOrder", a_sale()))

        entries = [e for e in served.journal("salesOrder.create") if e["effect"] == "created"]
        ids = [entry["detail"]["id"] for entry in entries]
        assert all(before < after for before, after in pairwise(ids))

"""A stage of whole groups: what it promises over crashes, and what its author writes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from isthmus.core.errors import Rejected
from isthmus.kafka.bound import Bound
from isthmus.kafka.execution import Incomplete
from isthmus.kafka.item import Item, from_source
from isthmus.kafka.lane import Lane
from isthmus.kafka.letters import INCOMPLETE, Stage
from isthmus.kafka.policy import Exhausted
from isthmus.kafka.window import Bounds
from isthmus.kafka.work import fold_work
from tests.unit.common.kafka.test_lane_model import RUNS, violations
from tests.unit.common.kafka.worlds import Planted, Stored, World

GROUP = 3
DAY_MS = 86_400_000


class ForgetsMembers(Lane):
    """Counts a member as done when it is collected."""

    def collected(self, item: Item, *, now_ms: int) -> None:
        super().collected(item, now_ms=now_ms)
        self.log_of(item).window.finish(item.offset)

    def _finish(self, item: Item) -> None:
        if item.offset in self.log_of(item).window._incomplete:
            super()._finish(item)


class WaitsBehindTheMarker(Lane):
    """Leaves members that were sent back alone to wait for those that cannot be sent meanwhile."""

    def abandon(self, *_: Any, **__: Any) -> None:
        pass


class ParksTheLastAlone(Lane):
    """Parks the record that failed, and leaves those that wait for it where they are."""

    def _park(self, item: Item, *rest: Any) -> None:
        members = list(self.groups.close(item))
        super()._park(item, *rest)
        for member in members:
            self.groups.add(member)


def search(planted: Planted, *, exhausted: Exhausted, replays: bool = False) -> set[str]:
    """Return what broke; a planted bug ends the search when it is caught."""
    found: set[str] = set()
    for seed in range(RUNS):
        if found and planted != Planted():
            break
        world = World(seed, exhausted=exhausted, planted=planted, replays=replays, group=GROUP)
        try:
            world.run()
        except (AssertionError, LookupError):
            found.add("stuck")
        else:
            found.update(violations(world))
            found.update(torn(world))
    return found


def torn(world: World) -> Iterator[str]:
    """Yield what is broken if the effects of a group do not stand together, in their order."""
    effects = world.durable.effects
    for first in range(0, len(effects), GROUP):
        group = effects[first : first + GROUP]
        if len({key for key, _ in group}) != 1 or group[-1][1] not in world.ends:
            yield "torn"


class TestAFold:
    @pytest.mark.parametrize("exhausted", list(Exhausted))
    def test_keeps_every_promise_over_crashes(self, exhausted: Exhausted) -> None:
        assert search(Planted(), exhausted=exhausted) == set()

    def test_keeps_every_promise_over_replays_and_crashes(self) -> None:
        assert search(Planted(), exhausted=Exhausted.HOLD, replays=True) == set()

    def test_parks_buries_and_crashes_in_these_runs(self) -> None:
        worlds = [
            World(seed, exhausted=Exhausted.HOLD, planted=Planted(), group=GROUP)
            for seed in range(40)
        ]

        for world in worlds:
            world.run()

        assert sum(world.crashes for world in worlds) > 20
        assert sum(len(world.durable.retry) for world in worlds) > 100
        assert sum(len(world.durable.dead) for world in worlds) > 50


class TestPlantedBug:
    def test_members_that_count_as_done_are_caught(self) -> None:
        assert search(Planted(lane=ForgetsMembers), exhausted=Exhausted.SKIP)

    def test_parking_the_last_alone_is_caught(self) -> None:
        assert search(Planted(lane=ParksTheLastAlone), exhausted=Exhausted.SKIP)

    def test_waiting_behind_the_marker_is_caught(self) -> None:
        found = search(Planted(lane=WaitsBehindTheMarker), exhausted=Exhausted.HOLD, replays=True)

        assert "stuck" in found


def a_lane() -> Lane:
    """Give a lane of which nothing waits."""
    return World(0, exhausted=Exhausted.HOLD, planted=Planted())._lane()


def a_member(offset: int, key: bytes = b"a") -> Item:
    return from_source(Stored("t", offset, key, b"%d" % offset, []))


def collect(lane: Lane, *items: Item, now_ms: int = 0) -> None:
    lane.receive(items, now_ms=now_ms)
    while (item := lane.take()) is not None:
        lane.collected(item, now_ms=now_ms)


def a_bound(**changes: Any) -> Bound:
    """Give bounds that nothing comes near."""
    return Bound(
        window=changes.pop("window", Bounds()),
        parked_records=10**6,
        parked_keys=10**6,
        parked_bytes=10**9,
        group_ms=DAY_MS,
        batch=1000,
        batch_s=1,
        rebalance_s=1,
    )


class TestGroupsThatDoNotBecomeWhole:
    def test_are_waited_for_a_day(self) -> None:
        lane = a_lane()
        collect(lane, a_member(0), a_member(1), now_ms=1000)
        collect(lane, a_member(2, b"b"), now_ms=5000)

        before = list(a_bound().overdue(lane, 999 + DAY_MS))
        after = list(a_bound().overdue(lane, 1000 + DAY_MS))

        assert before == []
        assert [[one.offset for one in group] for group in after] == [[0, 1]]

    @pytest.mark.parametrize(
        "window", [Bounds(span=4), Bounds(records=3), Bounds(nbytes=500)], ids=str
    )
    def test_go_when_nothing_more_could_be_read_the_oldest_first(self, window: Bounds) -> None:
        lane = a_lane()
        collect(lane, a_member(0), a_member(1, b"b"), a_member(3))

        overdue = list(a_bound(window=window).overdue(lane, 0))

        assert [[one.offset for one in group] for group in overdue] == [[0, 3]]

    def test_are_dead_letters_in_their_order_and_free_the_window(self) -> None:
        lane = a_lane()
        collect(lane, a_member(0), a_member(1, b"b"), a_member(2))
        (group, _) = lane.groups

        lane.abandon(group, INCOMPLETE, now_ms=1)

        dead = [one for one in lane.writes if one.topic == "t.g.dlq"]
        assert [one.value for one in dead] == [b"0", b"2"]
        assert {dict(one.headers)["__dlq.errors.reason.class"] for one in dead} == {
            b"fold-incomplete"
        }
        assert lane.source.window.committable == 1
        assert len(lane.groups) == 1

    def test_are_refused_as_a_whole_when_one_of_them_is(self) -> None:
        lane = a_lane()
        collect(lane, a_member(0), a_member(1))
        last = a_member(2)
        lane.receive([last], now_ms=0)
        lane.take()

        lane.failed(last, Rejected("chunk 4 after chunk 2"), Stage.PROCESS, now_ms=1)

        dead = [one.value for one in lane.writes if one.topic == "t.g.dlq"]
        assert dead == [b"0", b"1", b"2"]
        assert lane.source.window.committable == 3


class Envelopes:
    """Opens a record to its offset, and remembers in which order that happened."""

    def __init__(self) -> None:
        self.opened: list[int] = []

    def open(self, item: Item) -> Any:
        self.opened.append(item.offset)
        return item.offset

    def close(self, item: Item, outputs: Any) -> Any:
        return item.offset, list(outputs)


class TestFoldWork:
    def test_looks_at_each_member_and_runs_the_whole_one_at_a_time(self) -> None:
        envelope: Any = Envelopes()
        lane = a_lane()
        sizes: list[tuple[int, int]] = []

        def transform(group: Any, _tables: object) -> Any:
            for number, record in enumerate(group):
                sizes.append((number, len(envelope.opened)))
                yield record

        def is_whole(record: Any, count: int) -> bool:
            return count == GROUP

        work = fold_work(transform, is_whole, envelope=envelope, tables_of=lambda _: {})
        for item in (a_member(0), a_member(1)):
            item.lane = lane
            with pytest.raises(Incomplete):
                work(item)
            collect(lane, item)
        last = a_member(2)
        last.lane = lane

        done: Any = work(last)

        assert done == (2, [0, 1, 2])
        assert envelope.opened == [0, 1, 2, 0, 1, 2]
        assert sizes == [(0, 4), (1, 5), (2, 6)]

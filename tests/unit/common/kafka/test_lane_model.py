"""The promises of a lane, searched for a schedule that breaks them.

Each run is a function of its seed. Every planted bug takes one rule away and must be caught: a
checker that cannot fail proves nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import pytest

from isthmus.kafka.held_keys import HeldKeys
from isthmus.kafka.item import Item
from isthmus.kafka.lane import KeyQueue, Lane
from isthmus.kafka.letters import Write
from isthmus.kafka.policy import Exhausted
from tests.unit.common.kafka.worlds import EVENTS, Planted, World

RUNS = 80


class NoKeyLock(Lane):
    """Runs a record although older ones of its key are parked."""

    def _judge_new(self, item: Item, queue: KeyQueue, now_ms: int) -> None:
        queue.busy = True
        self._ready.append(item)


class HeldBeforeParked(Lane):
    """Asks in the wrong order whether a key is held or parked."""

    def _judge_new(self, item: Item, queue: KeyQueue, now_ms: int) -> None:
        if item.lane_key in self.held.keys:
            queue.source.pop(0)
            self._bury_behind(item, now_ms)
        else:
            super()._judge_new(item, queue, now_ms)


class ForgetsWhatPassed(Lane):
    """Moves past a record that ran as it came, and commits no sign of it while another waits."""

    def passed(self, offset: int, writes: Iterable[Write]) -> None:
        self.writes.extend(writes)
        self.source.window.pass_over(offset + 1)
        self.changed = True


class PassesTheLock(Lane):
    """Lets records run as they come although others of their key are parked."""

    def may_pass(self, item: Item) -> bool:
        return item.lane_key not in self._queues and self.source.window.is_news(item.offset)


class BlindRelease(HeldKeys):
    """Releases whatever happened since the operator looked."""

    def release(self, marker: Item, now_ms: int) -> list[Write]:
        if held := self.keys.get(marker.lane_key):
            marker.release = held.sequence
        return super().release(marker, now_ms)


class RunsBrokenBatch(HeldKeys):
    """Goes on with a batch of replays although one of it failed again."""

    def stops(self, item: Item) -> bool:
        return item.replay_id is None and super().stops(item)


def violations(world: World) -> list[str]:
    """Return the promises that a finished world broke."""
    durable = world.durable
    done = [event for _, event in durable.effects]
    dead = [int(letter.value_bytes or b"") for letter in durable.dead]
    broken = []
    if len(set(done)) != len(done):
        broken.append("doubled")
    if set(done) | set(dead) != set(range(EVENTS)):
        broken.append("lost")
    by_key: defaultdict[bytes, list[int]] = defaultdict(list)
    for key, event in durable.effects:
        by_key[key].append(event)
    if any(events != sorted(events) for events in by_key.values()):
        broken.append("order")
    if world.replays:
        return broken + (["not-replayed"] if set(done) != set(range(EVENTS)) else [])
    if len(dead) + len(done) != EVENTS:
        broken.append("dead-letter-doubled")
    if world.exhausted is Exhausted.HOLD:
        broken += _overtaken(world, by_key)
    return broken


def _overtaken(world: World, effects: dict[bytes, list[int]]) -> list[str]:
    letters: defaultdict[bytes, list[int]] = defaultdict(list)
    for letter in world.durable.dead:
        letters[letter.key_bytes or b""].append(int(letter.value_bytes or b""))
    broken = []
    if any(events != sorted(events) for events in letters.values()):
        broken.append("dead-letter-order")
    if any(max(effects.get(key, [-1])) > min(events) for key, events in letters.items()):
        broken.append("overtaken")
    return broken


def search(planted: Planted, *, exhausted: Exhausted, replays: bool = False) -> set[str]:
    """Return what broke in the runs; a planted bug ends the search when it is caught."""
    found: set[str] = set()
    for seed in range(RUNS):
        if found and planted != Planted():
            break
        world = World(seed, exhausted=exhausted, planted=planted, replays=replays)
        try:
            world.run()
        except (AssertionError, LookupError):
            found.add("stuck")
        else:
            found.update(violations(world))
    return found


class TestLane:
    @pytest.mark.parametrize("exhausted", list(Exhausted))
    def test_keeps_every_promise_over_crashes(self, exhausted: Exhausted) -> None:
        assert search(Planted(), exhausted=exhausted) == set()

    def test_keeps_every_promise_over_replays_and_crashes(self) -> None:
        assert search(Planted(), exhausted=Exhausted.HOLD, replays=True) == set()

    def test_crashes_parks_and_holds_in_these_runs(self) -> None:
        worlds = [World(seed, exhausted=Exhausted.HOLD, planted=Planted()) for seed in range(20)]

        for world in worlds:
            world.run()

        assert sum(world.crashes for world in worlds) > 20
        assert sum(len(world.durable.retry) for world in worlds) > 100
        assert sum(len(world.durable.held) for world in worlds) > 5


class TestPlantedBug:
    def test_no_key_lock_is_caught(self) -> None:
        assert "order" in search(Planted(lane=NoKeyLock), exhausted=Exhausted.SKIP)

    def test_passing_the_lock_is_caught(self) -> None:
        assert search(Planted(lane=PassesTheLock), exhausted=Exhausted.SKIP)

    def test_forgetting_what_passed_is_caught(self) -> None:
        assert "doubled" in search(Planted(lane=ForgetsWhatPassed), exhausted=Exhausted.SKIP)

    def test_memory_lock_is_caught(self) -> None:
        assert "order" in search(Planted(forgets_parked=True), exhausted=Exhausted.SKIP)

    def test_no_done_map_is_caught(self) -> None:
        assert "doubled" in search(Planted(forgets_done=True), exhausted=Exhausted.SKIP)

    def test_held_before_parked_is_caught(self) -> None:
        found = search(Planted(lane=HeldBeforeParked), exhausted=Exhausted.HOLD)

        assert "dead-letter-order" in found

    def test_blind_release_is_caught(self) -> None:
        found = search(Planted(held=BlindRelease), exhausted=Exhausted.HOLD, replays=True)

        assert "order" in found

    def test_running_on_after_a_failed_replay_is_caught(self) -> None:
        found = search(Planted(held=RunsBrokenBatch), exhausted=Exhausted.HOLD, replays=True)

        assert "order" in found

    def test_a_tool_that_clears_the_hold_itself_is_caught(self) -> None:
        found = search(Planted(tool_clears_hold=True), exhausted=Exhausted.HOLD, replays=True)

        assert "order" in found

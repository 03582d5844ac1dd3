"""Orders that wait for items go on by themselves, and nothing else does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import pytest

from isthmus.kafka.dead_letters import Letter, Letters
from isthmus.kafka.dead_letters import State as LetterState
from isthmus.kafka.item import Origin
from isthmus.kafka.letterbox import Act
from isthmus.kafka.replay import REPLAYS_MAX, ReplayInProgress
from isthmus.messages.control import HeldKey
from isthmus.testing.builders import PURCHASED
from isthmus.testing.clock import VirtualClock
from isthmus_mapper.release import Release, State

FIRST: Final = "acme-us/111-0000000-0000001"
SECOND: Final = "acme-us/111-0000000-0000002"


def a_letter(key: str, offset: int, **fields: Any) -> Letter:
    """Return an open letter of an order with an unknown SKU."""
    return Letter(
        **{
            "topic": "amazon.orders.mapper.dlq",
            "partition": 3,
            "offset": offset,
            "origin": Origin("amazon.orders", 3, offset),
            "key": key.encode(),
            "value": b"",
            "headers": [],
            "reason_class": "unknown-sku",
            "detail": "",
            "path": "",
            "stage": "process",
            "attempts": 1,
            "failed_at": PURCHASED,
            "replays": 0,
            **fields,
        }
    )


class FakeDesk:
    """A desk of letters; what is replayed is open no more."""

    def __init__(self, *letters: Letter) -> None:
        self.letters = list(letters)
        self.looks = 0
        self.replayed: list[tuple[str, int]] = []
        self.acts: list[Act] = []
        self.busy: set[str] = set()
        self.held: dict[bytes, HeldKey] = {}

    def hold(self, key: str, reason: str) -> None:
        """Hold a key for a reason."""
        self.held[key.encode()] = HeldKey(key=key, sequence=1, since=PURCHASED, reason_class=reason)

    def look(self) -> Letters:
        self.looks += 1
        return Letters(tuple(self.letters), self.held)

    def replay(self, _letters: Letters, chosen: Sequence[Letter], act: Act) -> int:
        if chosen[0].key_text in self.busy:
            raise ReplayInProgress("it still waits")
        self.replayed += [(one.key_text, one.offset) for one in chosen]
        self.acts.append(act)
        self.letters = [
            replace(one, state=LetterState.REPLAYED) if one in chosen else one
            for one in self.letters
        ]
        return len(chosen)


class Orders:
    """A release over a desk, with items that come."""

    def __init__(self, *letters: Letter, letters_max: int = 1000) -> None:
        self.desk = FakeDesk(*letters)
        self.mappable: set[str] = set()
        self.events: list[str] = []
        self.paused: list[int] = []
        self.state = State(held=1, items=1)
        self.release = Release(
            desk=self.desk,
            take_over=lambda: self.events.append(f"take over after {self.desk.looks} looks"),
            would_map=lambda letter: letter.key_text in self.mappable,
            by="mapper",
            letters_max=letters_max,
            pause=self.paused.append,
            clock=VirtualClock(),
        )

    def turn(self, *, held: int = 0, items: int = 0) -> int:
        """Let so much change, then take a turn."""
        self.state = State(held=self.state.held + held, items=self.state.items + items)
        return self.release.turn(self.state)


class TestRelease:
    def test_sends_nothing_back_while_the_item_is_missing(self) -> None:
        orders = Orders(a_letter(FIRST, 1))

        assert orders.turn() == 0
        assert orders.turn(items=5) == 0
        assert orders.desk.replayed == []

    def test_sends_an_order_back_with_all_that_waits_behind_it(self) -> None:
        orders = Orders(
            a_letter(FIRST, 1),
            a_letter(SECOND, 2),
            a_letter(FIRST, 3, reason_class="held"),
        )
        orders.turn()
        orders.mappable = {FIRST}

        assert orders.turn(items=1) == 2
        assert orders.desk.replayed == [(FIRST, 1), (FIRST, 3)]
        assert [act.by for act in orders.desk.acts] == ["mapper"]

    def test_looks_again_after_it_has_taken_over(self) -> None:
        orders = Orders(a_letter(FIRST, 1))
        orders.turn()
        orders.mappable = {FIRST}

        orders.turn(items=1)

        assert orders.events == ["take over after 1 looks"]
        assert orders.desk.looks == 2

    def test_finds_an_order_that_came_when_the_item_was_there_already(self) -> None:
        orders = Orders()
        orders.mappable = {FIRST}
        orders.turn()
        orders.desk.letters.append(a_letter(FIRST, 1))

        assert orders.turn(held=1) == 1

    def test_reads_no_letters_while_nothing_changes(self) -> None:
        orders = Orders(a_letter(FIRST, 1))

        for _ in range(5):
            orders.turn()

        assert orders.desk.looks == 1

    @pytest.mark.parametrize("reason", ["unknown-sku", "ambiguous-sku", "items-not-loaded"])
    def test_sends_back_what_waited_for_items(self, reason: str) -> None:
        orders = Orders(a_letter(FIRST, 1, reason_class=reason))
        orders.mappable = {FIRST}

        assert orders.turn() == 1

    @pytest.mark.parametrize("reason", ["total-mismatch", "bug", "held", "process-crash"])
    def test_leaves_to_people_what_waits_for_something_else(self, reason: str) -> None:
        orders = Orders(
            a_letter(FIRST, 1, reason_class=reason), a_letter(FIRST, 2, reason_class="unknown-sku")
        )
        orders.mappable = {FIRST}

        assert orders.turn() == 0

    @pytest.mark.parametrize(("held_for", "sent"), [("unknown-sku", 1), ("total-mismatch", 0)])
    def test_sends_back_what_came_while_the_letter_before_it_was_sent_back(
        self, held_for: str, sent: int
    ) -> None:
        orders = Orders(
            a_letter(FIRST, 1, state=LetterState.REPLAYED),
            a_letter(FIRST, 2, reason_class="held", stage="held"),
        )
        orders.desk.hold(FIRST, held_for)
        orders.mappable = {FIRST}

        assert orders.turn() == sent

    @pytest.mark.parametrize("state", [LetterState.REPLAYED, LetterState.DISCARDED])
    def test_leaves_alone_what_people_dealt_with(self, state: LetterState) -> None:
        orders = Orders(a_letter(FIRST, 1, state=state))
        orders.mappable = {FIRST}

        assert orders.turn() == 0

    def test_leaves_alone_what_came_back_too_often(self) -> None:
        orders = Orders(a_letter(FIRST, 1, replays=REPLAYS_MAX))
        orders.mappable = {FIRST}

        assert orders.turn() == 0

    def test_comes_back_to_an_order_of_which_a_replay_is_under_way(self) -> None:
        orders = Orders(a_letter(FIRST, 1), a_letter(SECOND, 2))
        orders.mappable = {FIRST, SECOND}
        orders.desk.busy = {FIRST}

        assert orders.turn() == 1
        orders.desk.busy = set()
        assert orders.turn() == 1
        assert orders.desk.replayed == [(SECOND, 2), (FIRST, 1)]

    def test_sends_no_more_than_allowed_at_a_time(self) -> None:
        letters = [a_letter(f"{FIRST}{number}", number) for number in range(5)]
        orders = Orders(*letters, letters_max=2)
        orders.mappable = {letter.key_text for letter in letters}

        assert [orders.turn() for _ in range(4)] == [2, 2, 1, 0]
        assert orders.paused == [1] * 5

"""Sends orders back by themselves once the items that they wait for are there.

An order of an unknown SKU is a dead letter, so that a person sees it, and holds its key. What
ends the wait is a change of the items, not a person: each letter is rehearsed against them, and
what would be mapped now is replayed as an operator would do it, with all letters of its key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

import structlog

from isthmus.kafka.dead_letters import Letter, Letters
from isthmus.kafka.letterbox import Act
from isthmus.kafka.letters import Stage
from isthmus.kafka.replay import ReplayInProgress, by_key, within_loop_guard
from isthmus.ops.clock import Clock
from isthmus_mapper.domain.items import AMBIGUOUS_SKU, UNKNOWN_SKU
from isthmus_mapper.handler import ITEMS_NOT_LOADED

RELEASED: Final = frozenset({UNKNOWN_SKU, AMBIGUOUS_SKU, ITEMS_NOT_LOADED})

log = structlog.get_logger(__name__)


class Desk(Protocol):
    """The dead letters of the mapper's orders."""

    def look(self) -> Letters:
        """Read all letters, what was done to them, and the keys that are held."""
        ...

    def replay(self, letters: Letters, chosen: Sequence[Letter], act: Act) -> int:
        """Send letters of one key back; return how many.

        :raises ReplayInProgress: earlier ones of the key still wait.
        """
        ...


@dataclass(frozen=True, slots=True)
class State:
    """What the last turn was decided by: as long as it stays, there is nothing to decide.

    :param held: how often a hold was seen to change.
    :param items: how often an item, or what is known of all of them, was.
    """

    held: int
    items: int


@dataclass(slots=True)
class Release:
    """Decides at each turn which letters go back.

    :param take_over: fences whoever did this before. Comes before the look that decides: two that
        looked at the same letters cannot both send them back.
    :param would_map: rehearses a letter.
    :param by: the name in the audit.
    :param letters_max: of a turn, rounded up to whole keys.
    :param pause: waits after so many letters, so that they do not crowd out new orders.
    """

    desk: Desk
    take_over: Callable[[], None]
    would_map: Callable[[Letter], bool]
    by: str
    letters_max: int
    pause: Callable[[int], object]
    clock: Clock
    _state: State | None = None
    _waiting: list[list[Letter]] = field(default_factory=list)

    def turn(self, state: State) -> int:
        """Send back what would be mapped now; return how many letters that were."""
        if state == self._state:
            return 0
        if self._state is None or state.held != self._state.held:
            self._waiting = list(waiting_of(self.desk.look()))
        is_through = True
        sent = 0
        if any(self.would_map(batch[0]) for batch in self._waiting):
            sent, is_through = self._send_back()
        # What was left for the next turn must be decided again then, whether anything changed.
        self._state = state if is_through else None
        return sent

    def _send_back(self) -> tuple[int, bool]:
        self.take_over()
        letters = self.desk.look()
        self._waiting = list(waiting_of(letters))
        sent, is_through = 0, True
        for batch in self._waiting:
            if not self.would_map(batch[0]):
                continue
            if sent >= self.letters_max:
                return sent, False
            try:
                sent += self.desk.replay(letters, batch, Act(by=self.by, at=self.clock.now()))
            except ReplayInProgress:
                is_through = False
            else:
                log.info("letters.released", key=batch[0].key_text, letters=len(batch))
                self.pause(len(batch))
        return sent, is_through


def waiting_of(letters: Letters) -> Iterator[list[Letter]]:
    """Yield, key by key, the open letters of the keys that wait for nothing but items."""
    for batch in by_key(letters.open()):
        _may, came_back_too_often = within_loop_guard(batch)
        if _reason_of(batch[0], letters) in RELEASED and not came_back_too_often:
            yield batch


def _reason_of(first: Letter, letters: Letters) -> str:
    """Return what the first open letter of a key waits for.

    One that came while the letter before it was sent back stands behind nothing any more, and
    keeps its key held: it waits for what the key is held for.
    """
    held = letters.held.get(first.key or b"")
    if first.stage == Stage.HELD and held is not None:
        return held.reason_class
    return first.reason_class

"""The dead letters of a source: answers of the outside that no fact could be made of, raw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from isthmus.kafka.dead_letters import Letter, Letters, letters_of
from isthmus.kafka.letterbox import Act, Letterbox


@dataclass(slots=True)
class SourceOperator:
    """Looks at them and gives them up. There is nothing to send back: they never were records."""

    box: Letterbox

    def look(self) -> Letters:
        """Read all letters, and what was done to them."""
        return letters_of(
            self.box.letters(),
            audits=self.box.audits(),
            held=(),
            returning=frozenset(),
            codec=self.box.codec,
        )

    def discard(self, _letters: Letters, chosen: Sequence[Letter], act: Act, *, why: str) -> int:
        """Give letters up; return how many."""
        act_id = uuid4().hex
        entries = [self.box.entry("discard", letter, act_id, act, why) for letter in chosen]
        self.box.commit(entries, act_id)
        return len(chosen)

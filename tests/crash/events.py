"""What goes in: numbered records of a few keys, some of which fail on purpose."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime

from isthmus.messages.netsuite import Item

ACCOUNT = "acc"
KEYS = 40
MODIFIED_AT = datetime(2026, 11, 27, tzinfo=UTC)


@dataclass(frozen=True)
class Event:
    """Number ``n`` of its key.

    :param behavior: ``ok``, ``flaky:<failures>`` (then fine), ``dead:<rejections>`` (then fine).
    """

    key: str
    n: int
    behavior: str

    @property
    def name(self) -> str:
        """Name the event: the external id of its effect."""
        return f"{self.key}:{self.n}"

    @property
    def failures(self) -> int:
        """Return how often it fails before it is fine."""
        return int(self.behavior.partition(":")[2] or 0)

    def record(self) -> Item:
        """Write the event as a record of the flow."""
        return Item(
            account=ACCOUNT,
            internal_id=str(self.n),
            sku=self.key,
            item_type=self.behavior,
            is_inactive=False,
            modified_at=MODIFIED_AT,
        )


def event_of(record: Item) -> Event:
    """Read an event back."""
    return Event(record.sku, int(record.internal_id), record.item_type)


class Generator:
    """Makes events without end, per key numbered from 0."""

    def __init__(self, seed: int, *, prefix: str = "k") -> None:
        self._chance = random.Random(seed)
        self._prefix = prefix
        self._next: dict[str, int] = {}

    def event(self) -> Event:
        """Make the next one; a few keys are hot."""
        number = min(self._chance.randrange(KEYS), self._chance.randrange(KEYS))
        key = f"{ACCOUNT}/{self._prefix}{number}"
        n = self._next.get(key, 0)
        self._next[key] = n + 1
        return Event(key, n, self._behavior())

    def _behavior(self) -> str:
        draw = self._chance.random()
        if draw < 0.05:
            return f"flaky:{self._chance.randint(1, 6)}"
        return f"dead:{self._chance.randint(1, 2)}" if draw < 0.06 else "ok"

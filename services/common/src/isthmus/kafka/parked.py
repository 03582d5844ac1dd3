"""What waits in one retry partition: the lock of its keys, and how much that is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from isthmus.kafka import headers as names
from isthmus.kafka.clients import Headers
from isthmus.kafka.item import weight

REPLAYED = "replayed"


@dataclass(slots=True)
class Parked:
    """Counts records by key and by the reason for which they wait.

    :param nbytes: of keys, values and headers, about.
    """

    keys: Counter[bytes] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    records: int = 0
    nbytes: int = 0

    def add(self, key: bytes | None, value: bytes | None, headers: Headers | None) -> None:
        """Count a record that waits."""
        self._count(1, key, value, headers)

    def remove(self, key: bytes | None, value: bytes | None, headers: Headers | None) -> None:
        """Count a record that waits no longer."""
        self._count(-1, key, value, headers)

    def __len__(self) -> int:
        """Count the keys."""
        return len(self.keys)

    def __iter__(self) -> Iterator[bytes]:
        """Yield the keys."""
        return iter(self.keys)

    def __getitem__(self, key: bytes) -> int:
        """Count the records of a key."""
        return self.keys[key]

    def _count(
        self, change: int, key: bytes | None, value: bytes | None, headers: Headers | None
    ) -> None:
        lane_key, reason = key or b"", _reason(headers)
        self.records += change
        self.nbytes += change * weight(key, value, headers)
        self.keys[lane_key] += change
        self.reasons[reason] += change
        if self.keys[lane_key] <= 0:
            del self.keys[lane_key]


def _reason(headers: Headers | None) -> str:
    """Read why a record waits: our own appends say so, those of a tool are replays."""
    return names.text(names.last_values(headers), names.RETRY_REASON) or REPLAYED

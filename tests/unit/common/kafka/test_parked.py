"""What waits is counted by key, by reason, and in bytes."""

from __future__ import annotations

from isthmus.kafka import headers as names
from isthmus.kafka.clients import Headers
from isthmus.kafka.item import weight
from isthmus.kafka.parked import REPLAYED, Parked

LATER: Headers = [(names.RETRY_REASON, b"much-later")]


class TestParked:
    def test_counts_what_is_added(self) -> None:
        parked = Parked()

        parked.add(b"k", b"one", LATER)
        parked.add(b"k", b"three", LATER)
        parked.add(b"other", b"two", [])

        assert (parked.records, len(parked), parked[b"k"]) == (3, 2, 2)
        assert parked.reasons == {"much-later": 2, REPLAYED: 1}
        assert parked.nbytes == sum(
            (
                weight(b"k", b"one", LATER),
                weight(b"k", b"three", LATER),
                weight(b"other", b"two", []),
            )
        )

    def test_is_empty_when_all_is_removed(self) -> None:
        parked = Parked()
        parked.add(None, b"one", LATER)

        parked.remove(None, b"one", LATER)

        assert (parked.records, parked.nbytes, len(parked)) == (0, 0, 0)
        assert parked.reasons["much-later"] == 0

"""What the feeds need of NetSuite."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from isthmus_inventory_publisher.domain.clocks import AccountClock

Row = Mapping[str, str]


class ItemTable(Protocol):
    """NetSuite's items. Each method raises ``Retryable`` when there is no answer now."""

    def clock(self) -> AccountClock:
        """Compare the account's own clock with UTC."""
        ...

    def modified_since(self, local: str) -> Iterator[Sequence[Row]]:
        """Yield pages of items changed at or after a moment of the account's clock, oldest first.

        Columns: ``id``, ``itemid``, ``externalid``, ``displayname``, ``itemtype``, ``isinactive``
        and ``modified``; those without a value are not there.
        """
        ...

    def has_any(self) -> bool:
        """Tell whether the role sees items at all: without permission there is no error."""
        ...

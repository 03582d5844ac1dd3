"""Stops a worker that dead-letters too much: a bad deploy must not empty a topic into its DLQ."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field


class DeadLetterLimitReached(Exception):
    """Too many records in a row, or too large a share of the last ones, were given up."""


@dataclass(slots=True)
class DeadLetterLimit:
    """Counts records that were given up for a fault of their own.

    :param ratio: the share of the last ``sample`` records that is too much.
    :param consecutive: so many in a row are too many.
    """

    ratio: float
    sample: int
    consecutive: int
    _in_a_row: int = 0
    _given_up: int = 0
    _last: deque[bool] = field(default_factory=deque)

    def note(self, *, given_up: bool) -> None:
        """Count one record.

        :raises DeadLetterLimitReached: this one was too many.
        """
        self._in_a_row = self._in_a_row + 1 if given_up else 0
        self._last.append(given_up)
        self._given_up += given_up
        if len(self._last) > self.sample:
            self._given_up -= self._last.popleft()
        if self._in_a_row >= self.consecutive:
            raise DeadLetterLimitReached(f"{self._in_a_row} records in a row became dead letters")
        if len(self._last) == self.sample and self._given_up > self.ratio * self.sample:
            raise DeadLetterLimitReached(
                f"{self._given_up} of the last {self.sample} records became dead letters"
            )

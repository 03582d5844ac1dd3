"""What the log says of attempts that failed."""

from __future__ import annotations

import traceback
from dataclasses import dataclass, field
from typing import Final

import structlog

from isthmus.core.errors import Rejected, Retryable
from isthmus.kafka.execution import Completion
from isthmus.ops.clock import Clock
from isthmus.ops.privacy import traceback_of

STACK_EVERY_S: Final = 60.0
PLACES_MAX: Final = 100
LINE_EVERY_S: Final = 1.0
KINDS_MAX: Final = 100

Place = tuple[str, str, int]

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Line:
    """When a kind of failure was last told, and how many were not told since."""

    at: float
    untold: int = 0


@dataclass(slots=True)
class FailureLog:
    """Tells failed attempts, one a second of each kind; of a bug where it is, once a minute.

    While an end is away every record fails: a line for each would slow down those that do not,
    and hide what else happens. A refusal is not told here: its dead letter says all.
    """

    clock: Clock
    _shown: dict[Place, float] = field(default_factory=dict)
    _lines: dict[str, _Line] = field(default_factory=dict)

    def tell(self, completion: Completion) -> None:
        """Write down that an attempt failed."""
        item, error = completion.item, completion.error
        if error is None or isinstance(error, Rejected):
            return
        kind = error.reason_class if isinstance(error, Retryable) else type(error).__name__
        if (untold := self._untold(kind)) is None:
            return
        told = {
            "untold": untold,
            "effect_id": item.origin.effect_id,
            "attempts": item.attempts + 1,
            "error": type(error).__name__,
        }
        if isinstance(error, Retryable):
            log.warning("record.failed", reason_class=error.reason_class, **told)
        else:
            log.error("record.bug", stage=completion.stage.value, stack=self._stack(error), **told)

    def _untold(self, kind: str) -> int | None:
        """Return how many of this kind were not told; none if this one is not to be told either."""
        now, line = self.clock.monotonic(), self._lines.get(kind)
        if line is not None and now - line.at < LINE_EVERY_S:
            line.untold += 1
            return None
        if len(self._lines) >= KINDS_MAX:
            self._lines.clear()
        self._lines[kind] = _Line(now)
        return line.untold if line else 0

    def _stack(self, error: Exception) -> str:
        """Return file, line and function of each call: no values, they may be of a buyer."""
        place, now = _place(error), self.clock.monotonic()
        shown_at = self._shown.get(place)
        if shown_at is not None and now - shown_at < STACK_EVERY_S:
            return "as shown less than a minute ago"
        if len(self._shown) >= PLACES_MAX:
            self._shown.clear()
        self._shown[place] = now
        return traceback_of(error)


def _place(error: Exception) -> Place:
    frames = list(traceback.walk_tb(error.__traceback__))
    if not frames:
        return type(error).__qualname__, "", 0
    frame, line = frames[-1]
    return type(error).__qualname__, frame.f_code.co_filename, line

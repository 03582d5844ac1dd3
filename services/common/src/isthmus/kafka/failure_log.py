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

Place = tuple[str, str, int]

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class FailureLog:
    """Tells each failed attempt; of a bug where it is, once a minute for each place in the code.

    A refusal is not told here: its dead letter says all.
    """

    clock: Clock
    _shown: dict[Place, float] = field(default_factory=dict)

    def tell(self, completion: Completion) -> None:
        """Write down that an attempt failed."""
        item, error = completion.item, completion.error
        if error is None or isinstance(error, Rejected):
            return
        told = {
            "effect_id": item.origin.effect_id,
            "attempts": item.attempts + 1,
            "error": type(error).__name__,
        }
        if isinstance(error, Retryable):
            log.warning("record.failed", reason_class=error.reason_class, **told)
        else:
            log.error("record.bug", stage=completion.stage.value, stack=self._stack(error), **told)

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

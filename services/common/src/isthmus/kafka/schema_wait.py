"""Patience with a registry that does not know a schema yet.

A writer may be ahead of the registry that this reader asks: a replica of it, or one restored from
a copy. So a record of an id that is not known waits, parked in order, before it is given up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import msgspec

from isthmus.core.errors import Retryable
from isthmus.kafka.framing import CONFLUENT_LENGTH
from isthmus.kafka.undecodable import Cause, NotRegistered
from isthmus.ops.clock import Clock

ASK_EVERY_S: Final = 1.0
MISSING_MAX: Final = 1000

Decode = Callable[[str, bytes | None], msgspec.Struct]


@dataclass(slots=True)
class SchemaWait:
    """Decodes records, and lets those wait whose schema may still come.

    :param decode: the codec's.
    :param bound_s: how long, from the first failure of the record.
    """

    decode: Decode
    clock: Clock
    bound_s: float
    _missing: dict[bytes, tuple[float, NotRegistered]] = field(default_factory=dict)

    def read(
        self, topic: str, value: bytes | None, *, first_failed_ms: int | None
    ) -> msgspec.Struct:
        """Return the record of a value.

        :raises Retryable: its schema may still come, or the registry does not answer.
        :raises Undecodable: it is none, and will never be one.
        """
        try:
            if self._missing:
                self._refuse_missing(value)
            return self.decode(topic, value)
        except NotRegistered as error:
            self._remember(value, error)
            if self._is_over(first_failed_ms):
                raise
            raise Retryable(error.detail, reason_class=Cause.UNKNOWN_SCHEMA.value) from error

    def _is_over(self, first_failed_ms: int | None) -> bool:
        now_ms = self.clock.now().timestamp() * 1000
        waited_ms = 0.0 if first_failed_ms is None else now_ms - first_failed_ms
        return waited_ms >= self.clock.scaled(self.bound_s) * 1000

    def _refuse_missing(self, value: bytes | None) -> None:
        """Do not ask for each record: a question stops the loop for as long as it takes."""
        known = self._missing.get((value or b"")[:CONFLUENT_LENGTH])
        if known is not None and self.clock.monotonic() - known[0] < ASK_EVERY_S:
            raise known[1]

    def _remember(self, value: bytes | None, error: NotRegistered) -> None:
        prefix, now = (value or b"")[:CONFLUENT_LENGTH], self.clock.monotonic()
        known = self._missing.get(prefix)
        if known is not None and now - known[0] < ASK_EVERY_S:
            return
        if len(self._missing) >= MISSING_MAX:
            self._missing.clear()
        self._missing[prefix] = now, error

"""Exit codes: what a supervisor, and a person reading its log, may conclude."""

from __future__ import annotations

from typing import Final

OK: Final = 0
DEAD_LETTER_LIMIT: Final = 65  # too many dead letters: look at them before you start it again
NOT_CO_OWNED: Final = 69  # source and retry partitions were not assigned together
FENCED: Final = 70  # the slot belongs to somebody else, or the group went on: start again
STALLED: Final = 71  # no progress although there was work: the stacks are in the log
UNCOMMITTED: Final = 74  # Kafka took no transaction within its bounds
CONFIGURATION: Final = 78  # the log says which setting, and the remedy

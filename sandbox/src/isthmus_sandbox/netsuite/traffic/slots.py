"""The account's concurrency limit."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import BaseModel, ConfigDict, Field

from isthmus_sandbox.netsuite.problems import too_many_requests, too_many_requests_as_400


class Limit(BaseModel):
    """How many requests the account serves at once, and in which form it blocks the others."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    concurrency: int = Field(default=5, ge=1, le=1000)
    share_as_400: float = Field(default=0.0, ge=0, le=1, description="The others are 429.")


class Slots:
    """Counts the requests under way; one beyond the limit is blocked at once, never queued."""

    def __init__(self, limit: Limit, *, seed: int) -> None:
        self.limit = limit
        self.in_use = 0
        self.peak = 0
        self.blocked = 0
        self._chance = random.Random(seed)

    @contextmanager
    def taken(self) -> Iterator[int]:
        """Hold a slot for the time of the block; yields how many are in use with it.

        :raises Problem: CONCURRENCY_LIMIT_EXCEEDED, as 429 or 400.
        """
        if self.in_use >= self.limit.concurrency:
            self.blocked += 1
            as_400 = self._chance.random() < self.limit.share_as_400
            raise too_many_requests_as_400() if as_400 else too_many_requests()
        self.in_use += 1
        self.peak = max(self.peak, self.in_use)
        try:
            yield self.in_use
        finally:
            self.in_use -= 1

    def describe(self) -> dict[str, object]:
        """Return the limit and what it has met."""
        met = {"in_use": self.in_use, "peak": self.peak, "blocked": self.blocked}
        return {**self.limit.model_dump(), **met}

"""Faults on demand: rules set by the control API, struck by seeded chance."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field

When = Literal["before", "after"]
RULES_MAX = 1000


class FaultKind(StrEnum):
    """What can go wrong between a client and an end."""

    STATUS_429 = "status_429"
    STATUS_400_CONCURRENCY = "status_400_concurrency"
    STATUS_503_HTML = "status_503_html"
    COMMIT_THEN_TIMEOUT = "commit_then_timeout"
    RESET = "reset"
    SLOW = "slow"
    EXPIRED_TOKEN = "expired_token"  # noqa: S105 (the name of a fault)


class FaultRule(BaseModel):
    """One line of the control API: which requests fail, how, how often and how many of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: FaultKind
    operation: str = "*"
    rate: float = Field(default=1.0, gt=0, le=1)
    count: int | None = Field(default=None, ge=1, description="None: without end.")
    key: str | None = Field(default=None, description="Only requests that concern this key.")
    delay_s: float = Field(default=30.0, ge=0, le=3600, description="Scaled by the clock factor.")
    when: When = Field(default="before", description="Before or after the effect of the request.")


@dataclass(frozen=True, slots=True)
class Fault:
    """What strikes this one request."""

    kind: FaultKind
    delay_s: float
    when: When


class _Armed:
    """A rule with the chance and the count that are left to it."""

    def __init__(self, rule: FaultRule, *, seed: int) -> None:
        self.rule = rule
        self.struck = 0
        self._chance = random.Random(seed)

    def strikes(self, operation: str, key: str | None, among: Collection[FaultKind]) -> bool:
        rule = self.rule
        if rule.kind not in among:
            return False
        if rule.operation not in {"*", operation} or rule.key not in {None, key}:
            return False
        if rule.count is not None and self.struck >= rule.count:
            return False
        if self._chance.random() >= rule.rate:
            return False
        self.struck += 1
        return True


class Faults:
    """The rules in force, in the order they were set; the first that strikes wins.

    The same seed, rules and requests give the same faults.
    """

    def __init__(
        self,
        *,
        seed: int,
        kinds: Collection[FaultKind] = tuple(FaultKind),
        operations: Collection[str] | None = None,
    ) -> None:
        self._seed = seed
        self._kinds = frozenset(kinds)
        self._operations = None if operations is None else frozenset(operations)
        self._armed: list[_Armed] = []

    def add(self, rules: Iterable[FaultRule]) -> None:
        """Put further rules in force, behind those that are.

        :raises ValueError: when this end knows no such kind or operation, or there are too many.
        """
        added = list(rules)
        for rule in added:
            self._refuse_unknown(rule)
        if len(self._armed) + len(added) > RULES_MAX:
            raise ValueError(f"More than {RULES_MAX} rules. Clear with DELETE /_control/faults.")
        for rule in added:
            self._armed.append(_Armed(rule, seed=self._seed + len(self._armed)))

    def strike(
        self,
        operation: str,
        key: str | None,
        *,
        among: Collection[FaultKind] = frozenset(FaultKind),
    ) -> Fault | None:
        """Return the fault that strikes a request of this operation about this business key.

        `among` is what such a request can suffer; other rules neither strike nor count.
        """
        for armed in self._armed:
            if armed.strikes(operation, key, among):
                rule = armed.rule
                return Fault(kind=rule.kind, delay_s=rule.delay_s, when=rule.when)
        return None

    def clear(self) -> None:
        """Put all rules out of force."""
        self._armed.clear()

    def describe(self) -> list[dict[str, object]]:
        """Return each rule with how often it struck."""
        return [{**a.rule.model_dump(mode="json"), "struck": a.struck} for a in self._armed]

    def _refuse_unknown(self, rule: FaultRule) -> None:
        if rule.kind not in self._kinds:
            raise ValueError(f"This end has no fault {rule.kind}. It has: {sorted(self._kinds)}.")
        known = self._operations
        if known is not None and rule.operation not in {"*", *known}:
            raise ValueError(f"No operation {rule.operation!r}. There are: {sorted(known)}.")


def faults_router(faults: Faults) -> APIRouter:
    """Return the routes of `/_control/faults`."""
    router = APIRouter(prefix="/_control/faults")

    @router.get("")
    async def read() -> list[dict[str, object]]:
        return faults.describe()

    @router.post("")
    async def add(rules: list[FaultRule]) -> list[dict[str, object]]:
        try:
            faults.add(rules)
        except ValueError as error:
            raise HTTPException(422, str(error)) from error
        return faults.describe()

    @router.delete("", status_code=204)
    async def clear() -> None:
        faults.clear()

    return router

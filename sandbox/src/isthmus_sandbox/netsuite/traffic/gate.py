"""The way of every request: fault, admission, latency, effect, journal, answer."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from isthmus_sandbox.clock import Clock
from isthmus_sandbox.faults import Fault, FaultKind, Faults
from isthmus_sandbox.journal import Journal
from isthmus_sandbox.netsuite.auth.tokens import Tokens
from isthmus_sandbox.netsuite.problems import (
    Problem,
    too_many_requests,
    too_many_requests_as_400,
)
from isthmus_sandbox.netsuite.traffic.answer import CUT, Answer, maintenance, refusal
from isthmus_sandbox.netsuite.traffic.latency import LatencyModel, Work
from isthmus_sandbox.netsuite.traffic.slots import Slots

# The effect comes late in the time a request takes, but not at its end: a client that gives up
# in the last stretch has a record it does not know of.
_UNTIL_EFFECT: Final = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, understood: which operation on which key, how heavy, and what it does."""

    operation: str
    key: str | None
    work: Work
    run: Callable[[], Answer]
    lines: int = 0


class Gate:
    """Lets calls through by the account's rules, and writes down each."""

    def __init__(
        self,
        *,
        clock: Clock,
        faults: Faults,
        journal: Journal,
        tokens: Tokens,
        slots: Slots,
        latency: LatencyModel,
        seed: int,
    ) -> None:
        self._clock = clock
        self._faults = faults
        self._journal = journal
        self._tokens = tokens
        self._slots = slots
        self._latency = latency
        self._chance = random.Random(seed)

    async def serve(self, request: Request, call: Call) -> Response:
        """Serve a call of a logged-in client, within the concurrency limit."""
        fault = self._faults.strike(call.operation, call.key)
        authorization = request.headers.get("authorization")
        return await self._pass(call, fault, self._admission(authorization, fault))

    async def serve_open(self, call: Call) -> Response:
        """Serve a call that needs neither token nor slot: the one that asks for a token."""
        fault = self._faults.strike(call.operation, call.key)
        return await self._pass(call, fault, nullcontext(1))

    async def _pass(
        self, call: Call, fault: Fault | None, admission: AbstractContextManager[int]
    ) -> Response:
        struck = _at_the_door(fault)
        if struck is not None:
            return self._note(call, fault, struck).response()
        try:
            with admission as in_use:
                return (await self._inside(call, fault, in_use)).response()
        except Problem as problem:
            return self._note(call, fault, refusal(problem)).response()

    async def _inside(self, call: Call, fault: Fault | None, in_use: int) -> Answer:
        seconds = self._latency.draw(
            call.work, lines=call.lines, in_use=in_use, chance=self._chance
        )
        await self._clock.sleep(seconds * _UNTIL_EFFECT + _slowness(fault, when="before"))
        answer = self._note(call, fault, self._told(_done(call), fault))
        await self._clock.sleep(seconds * (1 - _UNTIL_EFFECT) + _slowness(fault, when="after"))
        return answer

    def _told(self, answer: Answer, fault: Fault | None) -> Answer:
        """Return what the client is told of an answer that is already true."""
        detail = {**answer.detail, "answer": answer.status}
        if fault is None:
            return answer
        if fault.kind is FaultKind.COMMIT_THEN_TIMEOUT:
            wait_s = self._clock.scaled(fault.delay_s)
            return replace(answer, status=CUT, cut_after_s=wait_s, detail=detail)
        if fault.kind is FaultKind.RESET:
            return replace(answer, status=CUT, detail=detail)
        if fault.kind is FaultKind.STATUS_503_HTML:
            return replace(maintenance(), effect=answer.effect, detail=detail)
        return answer

    @contextmanager
    def _admission(self, authorization: str | None, fault: Fault | None) -> Iterator[int]:
        token = self._tokens.check(authorization)
        if fault is not None and fault.kind is FaultKind.EXPIRED_TOKEN:
            self._tokens.expire(token)
            self._tokens.check(authorization)
        with self._slots.taken() as in_use:
            yield in_use

    def _note(self, call: Call, fault: Fault | None, answer: Answer) -> Answer:
        """Journal at the moment of the effect, so that the journal's order is that of effects."""
        self._journal.append(
            time=self._clock.now(),
            operation=call.operation,
            key=call.key,
            status=answer.status,
            effect=answer.effect,
            fault=None if fault is None else fault.kind.value,
            detail=answer.detail,
        )
        return answer


def _at_the_door(fault: Fault | None) -> Answer | None:
    """Return the answer of a fault that keeps the request from any effect."""
    if fault is None:
        return None
    if fault.kind is FaultKind.STATUS_429:
        return refusal(too_many_requests())
    if fault.kind is FaultKind.STATUS_400_CONCURRENCY:
        return refusal(too_many_requests_as_400())
    if fault.kind is FaultKind.STATUS_503_HTML and fault.when == "before":
        return maintenance()
    if fault.kind is FaultKind.RESET and fault.when == "before":
        return Answer(status=CUT)
    return None


def _slowness(fault: Fault | None, *, when: str) -> float:
    slow = fault is not None and fault.kind is FaultKind.SLOW and fault.when == when
    return fault.delay_s if slow and fault is not None else 0.0


def _done(call: Call) -> Answer:
    try:
        return call.run()
    except Problem as problem:
        return refusal(problem)

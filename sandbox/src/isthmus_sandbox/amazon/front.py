"""The front of every operation: faults strike here, and the journal is written here."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from fastapi.responses import HTMLResponse, JSONResponse, Response

from isthmus_sandbox.amazon.errors import UNAVAILABLE_HTML, Refused, quota_exceeded
from isthmus_sandbox.clock import Clock
from isthmus_sandbox.faults import Fault, FaultKind, Faults
from isthmus_sandbox.journal import Journal
from isthmus_sandbox.server import CutConnection

FAULTS: Final = frozenset(set(FaultKind) - {FaultKind.STATUS_400_CONCURRENCY})
"""What can happen to a call of Amazon's API."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation says, and what the journal shall know of it."""

    status: int
    body: Mapping[str, object]
    headers: Mapping[str, str] = field(default_factory=dict)
    effect: str | None = None
    detail: Mapping[str, object] = field(default_factory=dict)


class Front:
    """Lets faults strike before and after an operation does its work."""

    def __init__(self, *, clock: Clock, faults: Faults, journal: Journal) -> None:
        self._clock = clock
        self._faults = faults
        self._journal = journal

    async def answered(
        self,
        *,
        operation: str,
        key: str | None,
        work: Callable[[Fault | None], Answer],
        can_suffer: Collection[FaultKind] = FAULTS,
    ) -> Response:
        """Do the work, unless a fault prevents it, and answer, unless a fault prevents that."""
        fault = self._faults.strike(operation, key, among=can_suffer)
        if fault and (failure := _instead_of_work(fault)):
            self._write(operation, key, fault, status=failure[0])
            return failure[1]
        answer = work(fault)
        is_cut = fault is not None and fault.kind in {
            FaultKind.RESET,
            FaultKind.COMMIT_THEN_TIMEOUT,
        }
        self._write(operation, key, fault, status=0 if is_cut else answer.status, answer=answer)
        if fault and is_cut:
            return CutConnection(after_s=self._hold_s(fault))
        if fault and fault.kind is FaultKind.SLOW:
            await self._clock.sleep(fault.delay_s)
        headers = {**answer.headers, **_request_id()}
        return JSONResponse(answer.body, answer.status, headers=headers)

    def _hold_s(self, fault: Fault) -> float:
        is_held = fault.kind is FaultKind.COMMIT_THEN_TIMEOUT
        return self._clock.scaled(fault.delay_s) if is_held else 0.0

    def _write(
        self,
        operation: str,
        key: str | None,
        fault: Fault | None,
        *,
        status: int,
        answer: Answer | None = None,
    ) -> None:
        self._journal.append(
            time=self._clock.now(),
            operation=operation,
            key=key,
            status=status,
            effect=answer.effect if answer else None,
            fault=fault.kind.value if fault else None,
            detail=answer.detail if answer else None,
        )


def _instead_of_work(fault: Fault) -> tuple[int, Response] | None:
    """Return what a client gets that never reaches the operation, and its status (0: none)."""
    if fault.kind is FaultKind.RESET and fault.when == "before":
        return 0, CutConnection()
    if fault.kind is FaultKind.STATUS_429:
        refused = quota_exceeded()
        return refused.status, JSONResponse(refused.body, refused.status, headers=_request_id())
    if fault.kind is FaultKind.STATUS_503_HTML:
        return 503, HTMLResponse(UNAVAILABLE_HTML, 503, headers=_request_id())
    return None


def refusal(refused: Refused) -> Answer:
    """Return the answer that refuses."""
    detail = {"refusal": str(refused)}
    return Answer(status=refused.status, body=refused.body, detail=detail)


def _request_id() -> dict[str, str]:
    return {"x-amzn-RequestId": str(uuid.uuid4())}

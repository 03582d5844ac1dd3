"""Every request to NetSuite goes this way: permit, token, ownership, exchange, verdict, count."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from isthmus.core.errors import Rejected, Retryable
from isthmus.netsuite.answers import error_of, judge
from isthmus.netsuite.calls import CountCall
from isthmus.netsuite.errors import LoginRefused
from isthmus.netsuite.exchange import Answer, Call, Exchange
from isthmus.netsuite.governor import Governor
from isthmus.netsuite.intent import Intent
from isthmus.netsuite.tokens import TokenSource
from isthmus.ops.clock import Clock

COMMON_HEADERS: Final = {
    "Accept": "application/json",
    "Content-Type": "application/json",
    # Without it a misspelt field is dropped and the answer is a success.
    "X-NetSuite-PropertyNameValidation": "Error",
}


class Transport:
    """Sends a call once and raises what its answer means; repeats only a refused login, once."""

    def __init__(
        self,
        exchange: Exchange,
        *,
        tokens: TokenSource,
        governor: Governor,
        clock: Clock,
        count: CountCall,
    ) -> None:
        self._exchange = exchange
        self._tokens = tokens
        self._governor = governor
        self._clock = clock
        self._count = count

    def send(self, call: Call, intent: Intent) -> Answer:
        """Return an answer of success.

        :raises Rejected: NetSuite will never accept it; ``AlreadyExists`` and ``NotFound`` tell
            those two cases.
        :raises Retryable: it was not executed, or it only reads; ``LoginRefused`` when a fresh
            token was refused too.
        :raises Unknown: it writes, and may have been executed.
        """
        token = self._tokens.current(deadline=intent.deadline)
        with self._governor.acquire(deadline=intent.deadline, priority=intent.priority):
            try:
                return self._counted(call, intent, token)
            except LoginRefused:
                # It was not executed: the one case in which also a write may be repeated.
                token = self._tokens.replace(token, deadline=intent.deadline)
            try:
                return self._counted(call, intent, token)
            except LoginRefused as error:
                raise self._tokens.give_up(error.detail) from error

    def _counted(self, call: Call, intent: Intent, token: str) -> Answer:
        if not intent.is_current():
            detail = f"{call.operation} was not sent: the record belongs to another worker now"
            raise Retryable(detail, reason_class="not-current")
        started, outcome = self._clock.monotonic(), "bug"
        try:
            answer = self._accepted(_dressed(call, token), deadline=intent.deadline)
            outcome = "ok"
            return answer
        except (Rejected, Retryable) as error:
            outcome = error.reason_class
            raise
        finally:
            self._count(
                operation=call.operation,
                purpose=intent.purpose,
                outcome=outcome,
                seconds=self._clock.monotonic() - started,
            )

    def _accepted(self, call: Call, *, deadline: float) -> Answer:
        answer = self._exchange.send(call, deadline=deadline)
        if answer.accepted:
            return answer
        meaning = judge(answer.status, answer.content)
        raise error_of(meaning, doing=call.operation, writes=call.writes)


def _dressed(call: Call, token: str) -> Call:
    headers = {**COMMON_HEADERS, **call.headers, "Authorization": f"Bearer {token}"}
    return replace(call, headers=headers)

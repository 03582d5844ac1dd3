"""The transport of one client of the library: nothing but a success passes as one.

The library's own transport and parser take an outage's HTML for an empty answer and money for
floats, and add four spellings of a marketplace to a query. So its requests are taken over before
they leave, and its answers are handed over whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from isthmus.amazon.answers import Answer, answer_of, granted_rate_per_s
from isthmus.amazon.calls import CallOutcome, CountCall, counted
from isthmus.amazon.errors import AccessRefused, Throttled
from isthmus.amazon.exchange import Http
from isthmus.amazon.handover import HandedOver
from isthmus.amazon.limiter import Limiter
from isthmus.amazon.operations import Operation
from isthmus.amazon.tokens import AccessTokens
from isthmus.core.errors import Retryable
from isthmus.ops.clock import Clock

ACCESS_TOKEN: Final = "x-amz-access-token"  # noqa: S105 (the name of a header)


@dataclass(frozen=True, slots=True)
class Connection:
    """What all clients of one account share; every part is safe for threads.

    :param endpoint: scheme and host of the API, without a slash at the end.
    """

    account: str
    endpoint: str
    http: Http
    tokens: AccessTokens
    limiter: Limiter
    count: CountCall
    clock: Clock


class StrictTransport:
    """Sends the requests of one operation for one purpose."""

    def __init__(self, *, connection: Connection, operation: Operation, purpose: str) -> None:
        self._to = connection
        self._operation = operation
        self._purpose = purpose

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, object] | None = None,
        data: object = None,
        content: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> HandedOver:
        """Send a request of the library, within the quota, and hand over the answer.

        :raises AccessRefused: the account is not let in, not even with a fresh token.
        :raises Rejected: the request is wrong.
        :raises Retryable: not sent for want of quota, or not answered.
        """
        # The library derives the host from an https endpoint, and sends what is not set as empty.
        sent = {name: value for name, value in (headers or {}).items() if name != "host"}
        asked = {name: value for name, value in (params or {}).items() if value not in {"", None}}
        parts = {"params": asked, "data": data, "content": content}
        try:
            answer = self._call(method, url, headers=sent, parts=parts)
        except AccessRefused:
            sent[ACCESS_TOKEN] = self._to.tokens.renew(stale=sent[ACCESS_TOKEN])
            answer = self._call(method, url, headers=sent, parts=parts)
        return HandedOver({"payload": answer})

    def close(self) -> None:
        """Leave the connections open: they are shared."""

    def _call(
        self, method: str, url: str, *, headers: Mapping[str, str], parts: Mapping[str, object]
    ) -> Answer:
        self._take_turn()
        with counted(
            self._to.count,
            clock=self._to.clock,
            account=self._to.account,
            operation=self._operation.name,
            purpose=self._purpose,
        ):
            try:
                return self._answer(method, url, headers=headers, parts=parts)
            except Throttled as error:
                error.after_s = self._to.limiter.empty(
                    account=self._to.account, operation=self._operation
                )
                raise

    def _answer(
        self, method: str, url: str, *, headers: Mapping[str, str], parts: Mapping[str, object]
    ) -> Answer:
        exchange = self._to.http.send(method, url, headers=headers, **parts)
        if (rate_per_s := granted_rate_per_s(exchange)) is not None:
            self._to.limiter.learn(
                account=self._to.account, operation=self._operation, rate_per_s=rate_per_s
            )
        return answer_of(exchange, operation=self._operation.name)

    def _take_turn(self) -> None:
        try:
            self._to.limiter.take(account=self._to.account, operation=self._operation)
        except Retryable:
            self._to.count(
                account=self._to.account,
                operation=self._operation.name,
                purpose=self._purpose,
                outcome=CallOutcome.HELD_BACK,
                seconds=0.0,
            )
            raise

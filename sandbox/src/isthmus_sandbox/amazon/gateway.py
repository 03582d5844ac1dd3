"""Who may call which operation how often: access token, then quota, then the operation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fastapi.responses import Response
from starlette.requests import Request

from isthmus_sandbox.amazon.accounts import Account, Accounts
from isthmus_sandbox.amazon.errors import GatewayRefused, Refused, denied, quota_exceeded
from isthmus_sandbox.amazon.front import Answer, Front, refusal
from isthmus_sandbox.amazon.quota import Quotas
from isthmus_sandbox.amazon.tokens import Tokens
from isthmus_sandbox.faults import Fault, FaultKind

TOKEN_HEADER: Final = "x-amz-access-token"  # noqa: S105 (the name of a header)
_TELLS_RATE: Final = frozenset({200, 400, 404})
"""The answers that carry x-amzn-RateLimit-Limit, by Amazon's model."""


class Gateway:
    """Admits calls to operations of the seller that the access token stands for."""

    def __init__(self, *, front: Front, accounts: Accounts, tokens: Tokens, quotas: Quotas) -> None:
        self._front = front
        self._accounts = accounts
        self._tokens = tokens
        self._quotas = quotas

    async def call(
        self,
        request: Request,
        *,
        operation: str,
        handle: Callable[[Account], Answer],
        key: str | None = None,
    ) -> Response:
        """Answer the call by `handle`, or by the refusal that comes first."""
        token = request.headers.get(TOKEN_HEADER)

        def work(fault: Fault | None) -> Answer:
            if fault and fault.kind is FaultKind.EXPIRED_TOKEN and token:
                self._tokens.expire(token)
            return self._admitted(token, operation=operation, handle=handle)

        return await self._front.answered(operation=operation, key=key, work=work)

    async def refuse(self, *, operation: str, refused: Refused) -> Response:
        """Answer a call that leads to no operation."""

        def work(_: Fault | None) -> Answer:
            return refusal(refused)

        return await self._front.answered(operation=operation, key=None, work=work, can_suffer=())

    def _admitted(
        self, token: str | None, *, operation: str, handle: Callable[[Account], Answer]
    ) -> Answer:
        try:
            account = self._account(token)
        except Refused as refused:
            return refusal(refused)
        plan = account.plans[operation]
        detail = {"account": account.name}
        try:
            if not self._quotas.take(account=account.name, operation=operation, plan=plan):
                raise quota_exceeded()
            answer = handle(account)
        except Refused as refused:
            answer = refusal(refused)
        tells = answer.status in _TELLS_RATE
        return Answer(
            status=answer.status,
            body=answer.body,
            # Amazon's figure, whatever the clock factor: who divides it, divides it himself.
            headers={"x-amzn-RateLimit-Limit": str(plan.rate)} if tells else {},
            effect=answer.effect,
            detail={**detail, **answer.detail},
        )

    def _account(self, token: str | None) -> Account:
        if not token:
            raise denied("", code="MissingAuthenticationToken")
        if not token.startswith("Atza|"):
            raise GatewayRefused(401, "Unauthorized")
        grant = self._tokens.find(token)
        if grant is None:
            raise denied("The access token you provided is revoked, malformed or invalid.")
        if not self._tokens.is_live(grant):
            raise denied("The access token you provided has expired.")
        account = self._accounts.named(grant.account) if grant.account else None
        if account is None or account.revoked:
            raise denied("The access token gives no permission to this operation.")
        return account

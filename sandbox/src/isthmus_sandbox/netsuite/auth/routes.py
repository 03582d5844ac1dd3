"""The token endpoint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from isthmus_sandbox.clock import Clock
from isthmus_sandbox.netsuite.auth.assertion import AssertionRefused, verify_assertion
from isthmus_sandbox.netsuite.auth.credentials import Integration
from isthmus_sandbox.netsuite.auth.tokens import Tokens
from isthmus_sandbox.netsuite.traffic.answer import Answer
from isthmus_sandbox.netsuite.traffic.gate import Call, Gate
from isthmus_sandbox.netsuite.traffic.latency import Work

TOKEN_PATH: Final = "/services/rest/auth/oauth2/v1/token"  # noqa: S105 (an address)
_GRANT: Final = "client_credentials"
_ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_PLAIN_JSON: Final = "application/json"


def token_router(
    *, gate: Gate, tokens: Tokens, integration: Integration, clock: Clock
) -> APIRouter:
    """Return the route that gives a token for a signed assertion."""
    router = APIRouter()

    @router.post(TOKEN_PATH)
    async def token(request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        url = str(request.url.replace(query="", fragment=""))

        def run() -> Answer:
            return _granted(
                form, token_url=url, integration=integration, clock=clock, tokens=tokens
            )

        return await gate.serve_open(Call(operation="token", key=None, work=Work.LIGHT, run=run))

    return router


def _granted(
    form: Mapping[str, str],
    *,
    token_url: str,
    integration: Integration,
    clock: Clock,
    tokens: Tokens,
) -> Answer:
    if form.get("grant_type") != _GRANT:
        return _refused("unsupported_grant_type", f"grant_type is not {_GRANT}.")
    if form.get("client_assertion_type") != _ASSERTION:
        return _refused("invalid_request", f"client_assertion_type is not {_ASSERTION}.")
    try:
        verify_assertion(
            form.get("client_assertion", ""),
            integration=integration,
            token_url=token_url,
            now=clock.now(),
        )
    except AssertionRefused as refused:
        return _refused("invalid_grant", str(refused))
    value, life_s = tokens.issue()
    # NetSuite says 3600, as a text. Here it is what is true: the life in real seconds.
    body = {"access_token": value, "expires_in": str(max(1, int(life_s))), "token_type": "bearer"}
    return Answer(status=200, body=body, media_type=_PLAIN_JSON, effect="token")


def _refused(error: str, reason: str) -> Answer:
    body = {"error": error, "error_description": reason}
    detail = {"reason": reason}
    return Answer(status=400, body=body, media_type=_PLAIN_JSON, effect="refused", detail=detail)

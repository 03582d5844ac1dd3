"""Login with Amazon's one route."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.requests import Request

from isthmus_sandbox.amazon.front import FAULTS, Answer, Front
from isthmus_sandbox.amazon.tokens import GrantRefused, Tokens
from isthmus_sandbox.faults import Fault, FaultKind

GET_TOKEN: Final = "getAccessToken"  # noqa: S105 (the name of an operation)
# Login with Amazon takes no access token, and documents no throttling.
_CAN_SUFFER: Final = FAULTS - {FaultKind.EXPIRED_TOKEN, FaultKind.STATUS_429}
_UNCACHED: Final = {"cache-control": "no-store", "pragma": "no-cache"}


def lwa_router(*, front: Front, tokens: Tokens) -> APIRouter:
    """Return the token endpoint."""
    router = APIRouter()

    @router.post("/auth/o2/token")
    async def token(request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}

        def work(_: Fault | None) -> Answer:
            return _granted(form, tokens)

        return await front.answered(
            operation=GET_TOKEN, key=None, work=work, can_suffer=_CAN_SUFFER
        )

    return router


def _granted(form: Mapping[str, str], tokens: Tokens) -> Answer:
    asked = {"grant_type": form.get("grant_type"), "client_id": form.get("client_id")}
    try:
        body = tokens.issue(form)
    except GrantRefused as refused:
        detail = {**asked, "refusal": str(refused)}
        return Answer(refused.status, refused.body, headers=_UNCACHED, detail=detail)
    return Answer(200, body, headers=_UNCACHED, effect="token issued", detail=asked)

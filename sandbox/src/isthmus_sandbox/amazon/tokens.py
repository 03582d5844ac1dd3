"""Login with Amazon: access tokens for refresh tokens and for applications."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from isthmus_sandbox.amazon.accounts import Accounts
from isthmus_sandbox.clock import Clock

LIFE_S: Final = 3600.0
TOKENS_MAX: Final = 100_000
SCOPES: Final = frozenset(
    {"sellingpartnerapi::notifications", "sellingpartnerapi::client_credential:rotation"}
)


class GrantRefused(Exception):
    """Login with Amazon refuses, in the words of OAuth."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(error)
        self.status = status
        self.body = {"error_description": description, "error": error}


@dataclass(frozen=True, slots=True)
class Grant:
    """What an access token stands for; a grantless one has no account."""

    account: str | None
    expires_s: float


class Tokens:
    """The access tokens in use. The oldest go when there are too many."""

    def __init__(self, *, clock: Clock, accounts: Accounts, tokens_max: int = TOKENS_MAX) -> None:
        self._tokens_max = tokens_max
        self._clock = clock
        self._accounts = accounts
        self._grants: dict[str, Grant] = {}

    def issue(self, form: Mapping[str, str]) -> dict[str, object]:
        """Answer a token request.

        :raises GrantRefused: when the request or its credentials are wrong.
        """
        grant_type = _needed(form, "grant_type")
        if grant_type not in {"refresh_token", "client_credentials"}:
            description = (
                "The authorization grant type is not supported by the authorization server"
            )
            raise GrantRefused(400, "unsupported_grant_type", description)
        client_id, client_secret = _needed(form, "client_id"), _needed(form, "client_secret")
        if not self._accounts.is_application(client_id, client_secret):
            raise GrantRefused(401, "invalid_client", "Client authentication failed")
        if grant_type == "client_credentials":
            return self._grantless(form)
        return self._of_seller(client_id, _needed(form, "refresh_token"))

    def find(self, token: str) -> Grant | None:
        """Return what the token stands for, expired or not; None when it was never issued."""
        return self._grants.get(token)

    def is_live(self, grant: Grant) -> bool:
        """Return whether the grant still holds."""
        return self._clock.monotonic() < grant.expires_s

    def expire(self, token: str) -> None:
        """End the life of a token now."""
        if grant := self._grants.get(token):
            self._grants[token] = Grant(account=grant.account, expires_s=0.0)

    def _grantless(self, form: Mapping[str, str]) -> dict[str, object]:
        if form.get("scope") not in SCOPES:
            raise GrantRefused(400, "invalid_scope", "The request has an invalid parameter : scope")
        return self._granted(None)

    def _of_seller(self, client_id: str, refresh_token: str) -> dict[str, object]:
        account = self._accounts.authorized(client_id=client_id, refresh_token=refresh_token)
        if account is None:
            description = (
                "The request has an invalid grant parameter : refresh_token. "
                "User may have revoked or didn't grant the permission."
            )
            raise GrantRefused(400, "invalid_grant", description)
        return {**self._granted(account.name), "refresh_token": refresh_token}

    def _granted(self, account: str | None) -> dict[str, object]:
        token = f"Atza|{secrets.token_urlsafe(96)}"
        life_s = self._clock.scaled(LIFE_S)
        self._grants[token] = Grant(account=account, expires_s=self._clock.monotonic() + life_s)
        if len(self._grants) > self._tokens_max:
            del self._grants[next(iter(self._grants))]
        # Whole real seconds, as the client's clock counts them; never more than there are.
        return {"access_token": token, "token_type": "bearer", "expires_in": int(life_s)}


def _needed(form: Mapping[str, str], name: str) -> str:
    if value := form.get(name):
        return value
    description = f"The request is missing a required parameter : {name}"
    raise GrantRefused(400, "invalid_request", description)

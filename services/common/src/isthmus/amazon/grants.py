"""Login with Amazon: an access token for a refresh token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import msgspec
from pydantic import SecretStr
from sp_api.auth import AccessTokenClient
from sp_api.base.credential_provider import CredentialProvider

from isthmus.amazon.answers import OK, THROTTLED, json_object
from isthmus.amazon.calls import CountCall, counted
from isthmus.amazon.errors import AccessRefused, Throttled
from isthmus.amazon.exchange import Exchange, Http
from isthmus.amazon.handover import TRUSTS_NOBODY, HandedOver
from isthmus.core.errors import Rejected, Retryable
from isthmus.ops.clock import Clock

LWA_ENDPOINT: Final = "https://api.amazon.com/auth/o2/token"
OPERATION: Final = "getAccessToken"
PURPOSE: Final = "token"
REMEDIES: Final[Mapping[str, str]] = {
    "invalid_grant": "the seller withdrew the authorization or it ran out: authorize again in"
    " Seller Central and set the new refresh token",
    "invalid_client": "the client secret is wrong or was rotated: set the new one",
    "unauthorized_client": "the refresh token belongs to another application: set the pair that"
    " belongs together",
}


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who the application is, and the seller's consent."""

    client_id: str
    client_secret: SecretStr
    refresh_token: SecretStr


@dataclass(frozen=True, slots=True)
class Grant:
    """An access token, and how long it lives from now on."""

    access_token: str = field(repr=False)
    expires_in_s: float


class LoginWithAmazon:
    """Asks for grants of one account. The library words the request, our transport sends it."""

    def __init__(
        self,
        *,
        account: str,
        credentials: Credentials,
        endpoint: str,
        http: Http,
        count: CountCall,
        clock: Clock,
    ) -> None:
        self._account = account
        self._http = http
        self._count = count
        self._clock = clock
        self._endpoint = endpoint
        self._asker = self._strict_asker(credentials)

    def __call__(self) -> Grant:
        """Ask for a new grant.

        :raises AccessRefused: the credentials are wrong, or the consent was withdrawn.
        :raises Retryable: no answer, or none that is a grant.
        """
        with counted(
            self._count,
            clock=self._clock,
            account=self._account,
            operation=OPERATION,
            purpose=PURPOSE,
        ):
            body = self._asker._request(  # noqa: SLF001 (its public way goes through its cache)
                self._endpoint, self._asker.data, self._asker.headers
            )
            return Grant(body["access_token"], body["expires_in"])

    def request(
        self, method: str, url: str, *, data: object, headers: Mapping[str, str]
    ) -> HandedOver:
        """Send a request of the library: the part that its private transport played."""
        exchange = self._http.send(method, url, data=data, headers=headers)
        fields = json_object(exchange.body)
        if exchange.status != OK or fields is None:
            raise _refusal(exchange, account=self._account)
        try:
            token = msgspec.json.decode(exchange.body, type=_Token)
        except msgspec.MsgspecError as error:
            raise Retryable(
                "Login with Amazon answered without a token", reason_class="unexpected-answer"
            ) from error
        return HandedOver({"access_token": token.access_token, "expires_in": token.expires_in})

    def _strict_asker(self, credentials: Credentials) -> AccessTokenClient:
        asker = AccessTokenClient(
            refresh_token=credentials.refresh_token.get_secret_value(),
            credentials=CredentialProvider.Config(
                lwa_app_id=credentials.client_id,
                lwa_client_secret=credentials.client_secret.get_secret_value(),
            ),
            verify=TRUSTS_NOBODY,
        )
        asker._transport.close()  # noqa: SLF001 (replaced: it takes no bounds and no counts)
        asker._transport = self  # noqa: SLF001
        return asker


class _Token(msgspec.Struct):
    access_token: str
    expires_in: float


class _OAuthError(msgspec.Struct):
    error: str = ""


def _refusal(exchange: Exchange, *, account: str) -> Rejected | Retryable:
    text = f"Login with Amazon answered {exchange.status} for {account}"
    if exchange.status == THROTTLED:
        return Throttled(text)
    if not 400 <= exchange.status < 500 or json_object(exchange.body) is None:
        return Retryable(text, reason_class="unavailable")
    error = _oauth_error(exchange.body)
    remedy = REMEDIES.get(error, "check the account's credentials in Seller Central")
    return AccessRefused(f"{text}: {error or 'no reason given'}. Remedy: {remedy}")


def _oauth_error(body: bytes) -> str:
    try:
        return msgspec.json.decode(body, type=_OAuthError).error[:40]
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return ""

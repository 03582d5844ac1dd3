"""The access token: fetched once for all threads, renewed before it ends, and a breaker.

When NetSuite does not accept the credential, every further request would fail the same way and may
lock the user out. So nothing is sent for a while, and each caller is told why.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from isthmus.core.errors import Retryable
from isthmus.netsuite.calls import CountCall
from isthmus.netsuite.credential import Credential
from isthmus.netsuite.errors import LoginRefused
from isthmus.netsuite.exchange import Answer, Call, Exchange
from isthmus.ops.clock import Clock

TOKEN_PATH: Final = "/services/rest/auth/oauth2/v1/token"  # noqa: S105 (an address)
OPERATION: Final = "token"
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
FORM: Final = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
RENEW_AT: Final = 0.8
LIFE_DEFAULT_S: Final = 3600.0
REMEDY: Final = "check client id, certificate id, private key and the role's permissions"


@dataclass(frozen=True, slots=True)
class Pauses:
    """How long to leave NetSuite alone, in seconds of the outside world.

    :param login_s: after it refused the credential.
    :param failure_s: after the token endpoint failed; threads that waited share the failure.
    """

    login_s: float
    failure_s: float


@dataclass(frozen=True, slots=True)
class _Token:
    text: str = field(repr=False)
    renew_at: float
    ends_at: float


@dataclass(frozen=True, slots=True)
class _Pause:
    error: Callable[[float], Retryable]
    ends_at: float


class TokenSource:
    """Hands out the access token; one thread fetches, the others wait or go on with the old one."""

    def __init__(
        self,
        exchange: Exchange,
        *,
        credential: Credential,
        token_url: str,
        pauses: Pauses,
        clock: Clock,
        count: CountCall,
    ) -> None:
        self._exchange = exchange
        self._credential = credential
        self._token_url = token_url
        self._pauses = pauses
        self._clock = clock
        self._count = count
        self._fetching = threading.Lock()
        self._token: _Token | None = None
        self._pause: _Pause | None = None

    def current(self, *, deadline: float) -> str:
        """Return a token that is good for some time.

        :raises LoginRefused: NetSuite did not accept the credential a short time ago.
        :raises Retryable: no token can be had now.
        """
        token, now = self._token, self._clock.monotonic()
        if token is None:
            return self._renew(old=None, spare=None, deadline=deadline)
        if now < token.renew_at:
            return token.text
        spare = token.text if now < token.ends_at else None
        return self._renew(old=token.text, spare=spare, deadline=deadline)

    def replace(self, refused: str, *, deadline: float) -> str:
        """Return another token than the one that NetSuite has just refused.

        :raises LoginRefused: the credential itself is refused.
        :raises Retryable: no token can be had now.
        """
        return self._renew(old=refused, spare=None, deadline=deadline)

    def give_up(self, detail: str) -> LoginRefused:
        """Pause all requests because the credential is refused; return the error to raise."""
        said = f"{detail}; nothing is sent to NetSuite for a while. Remedy: {REMEDY}"
        self._token = None
        self._hold(self._pauses.login_s, lambda after_s: LoginRefused(said, after_s=after_s))
        return LoginRefused(said, after_s=self._clock.scaled(self._pauses.login_s))

    def _renew(self, *, old: str | None, spare: str | None, deadline: float) -> str:
        patience = 0.0 if spare else max(0.0, deadline - self._clock.monotonic())
        if not self._fetching.acquire(timeout=patience):
            if spare:
                return spare
            raise Retryable("no access token before the deadline", reason_class="no-token")
        try:
            return self._renewed_meanwhile(old) or self._fetch_or(spare, deadline)
        finally:
            self._fetching.release()

    def _renewed_meanwhile(self, old: str | None) -> str | None:
        token = self._token
        if token is None or token.text == old or self._clock.monotonic() >= token.renew_at:
            return None
        return token.text

    def _fetch_or(self, spare: str | None, deadline: float) -> str:
        try:
            self._refuse_in_pause()
            token = self._fetch(deadline)
        except Retryable:
            if spare is None:
                raise
            return spare
        self._token = token
        return token.text

    def _fetch(self, deadline: float) -> _Token:
        asked_at = self._clock.monotonic()
        try:
            answer = self._exchange.send(self._call(), deadline=deadline)
            token = self._token_in(answer, asked_at)
        except Retryable as error:
            self._counted(error.reason_class, asked_at)
            if not isinstance(error, LoginRefused):
                self._hold_after(error)
            raise
        self._counted("ok", asked_at)
        return token

    def _call(self) -> Call:
        assertion = self._credential.assertion(token_url=self._token_url, now=self._clock.now())
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion,
        }
        content = urlencode(form).encode()
        return Call(OPERATION, "POST", self._token_url, headers=FORM, content=content)

    def _token_in(self, answer: Answer, asked_at: float) -> _Token:
        body = _object_in(answer)
        if answer.status in {400, 401, 403} and "error" in body:
            raise self.give_up(f"NetSuite refuses the credential: {body['error']}")
        text, life_s = body.get("access_token"), _life_s(body)
        if not answer.accepted or not isinstance(text, str) or not text or life_s <= 0:
            detail = f"the token endpoint answered {answer.status} without a token"
            raise Retryable(detail, reason_class="token-endpoint")
        # Not scaled: the answer names the life that the token really has.
        return _Token(text, renew_at=asked_at + RENEW_AT * life_s, ends_at=asked_at + life_s)

    def _refuse_in_pause(self) -> None:
        pause, now = self._pause, self._clock.monotonic()
        if pause is not None and now < pause.ends_at:
            raise pause.error(pause.ends_at - now)

    def _hold(self, seconds: float, error: Callable[[float], Retryable]) -> None:
        self._pause = _Pause(error, self._clock.monotonic() + self._clock.scaled(seconds))

    def _hold_after(self, failure: Retryable) -> None:
        detail, reason = failure.detail, failure.reason_class
        self._hold(
            self._pauses.failure_s,
            lambda after_s: Retryable(detail, reason_class=reason, after_s=after_s),
        )

    def _counted(self, outcome: str, asked_at: float) -> None:
        seconds = self._clock.monotonic() - asked_at
        self._count(operation=OPERATION, purpose=OPERATION, outcome=outcome, seconds=seconds)


def _object_in(answer: Answer) -> dict[str, Any]:
    try:
        return answer.body()
    except ValueError:
        return {}


def _life_s(body: dict[str, Any]) -> float:
    """Return the life that the answer names; NetSuite writes it as a text or a number."""
    try:
        return float(body.get("expires_in", LIFE_DEFAULT_S))
    except (TypeError, ValueError):
        return LIFE_DEFAULT_S

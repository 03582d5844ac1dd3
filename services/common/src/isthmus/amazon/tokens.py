"""The access token of an account: one for all threads, fetched by one of them."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable
from typing import Final

from sp_api.auth import AccessTokenResponse

from isthmus.amazon.errors import AccessRefused
from isthmus.amazon.grants import Grant
from isthmus.core.errors import Retryable
from isthmus.ops.clock import Clock

LIFE_SHARE: Final = 0.9
"""The part of a token's life in which it is used: a call under way must not outlive it."""
REFUSED_FOR_S: Final = 60.0
FAILED_FOR_S: Final = 1.0


class AccessTokens:
    """Holds the token. Threads that come while it is fetched wait, and share what comes of it.

    A failure is remembered for a moment, so that many threads do not ask one after the other, and
    a refusal for a minute: it takes a person to change it.
    """

    def __init__(self, *, login: Callable[[], Grant], clock: Clock) -> None:
        self._login = login
        self._clock = clock
        self._lock = threading.Lock()
        self._token = ""
        self._ends_at = 0.0
        self._failure: AccessRefused | Retryable | None = None
        self._failure_ends_at = 0.0

    def current(self) -> str:
        """Return a token that lives.

        :raises AccessRefused: Login with Amazon gives none to this account.
        :raises Retryable: Login with Amazon does not answer.
        """
        with self._lock:
            if not self._token or self._clock.monotonic() >= self._ends_at:
                self._fetch()
            return self._token

    def renew(self, *, stale: str) -> str:
        """Return another token than one that was refused.

        :raises AccessRefused: Login with Amazon gives none to this account.
        :raises Retryable: Login with Amazon does not answer.
        """
        with self._lock:
            if self._token == stale:
                self._token = ""
        return self.current()

    def get_auth(self) -> AccessTokenResponse:
        """Return the token in the form that the library's clients ask their auth for."""
        return AccessTokenResponse(access_token=self.current())

    def _fetch(self) -> None:
        if self._failure is not None and self._clock.monotonic() < self._failure_ends_at:
            raise copy.copy(self._failure)
        try:
            grant = self._login()
        except AccessRefused as error:
            self._remember(error, for_s=REFUSED_FOR_S)
            raise
        except Retryable as error:
            self._remember(error, for_s=error.after_s or FAILED_FOR_S)
            raise
        self._token, self._failure = grant.access_token, None
        self._ends_at = self._clock.monotonic() + grant.expires_in_s * LIFE_SHARE

    def _remember(self, error: AccessRefused | Retryable, *, for_s: float) -> None:
        self._failure = copy.copy(error)
        self._failure_ends_at = self._clock.monotonic() + self._clock.scaled(for_s)

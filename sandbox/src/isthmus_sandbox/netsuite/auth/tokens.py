"""Access tokens: issued, checked, expired."""

from __future__ import annotations

import secrets
from typing import Final

from isthmus_sandbox.clock import Clock
from isthmus_sandbox.netsuite.account import Account
from isthmus_sandbox.netsuite.problems import invalid_login

TOKENS_MAX: Final = 10_000


class Tokens:
    """The tokens that are valid now. They die with the process, as with a NetSuite restart."""

    def __init__(self, *, account: Account, clock: Clock) -> None:
        self._account = account
        self._clock = clock
        self._ends: dict[str, float] = {}

    def issue(self) -> tuple[str, float]:
        """Return a new token and its life in real seconds."""
        self._forget_expired()
        life_s = self._clock.scaled(self._account.token_life_s)
        token = secrets.token_urlsafe(96)
        self._ends[token] = self._clock.monotonic() + life_s
        return token, life_s

    def check(self, authorization: str | None) -> str:
        """Return the token of an Authorization header.

        :raises Problem: INVALID_LOGIN, when there is none, or none that is valid now.
        """
        scheme, _, token = (authorization or "").partition(" ")
        end = self._ends.get(token)
        if scheme.lower() != "bearer" or end is None or end <= self._clock.monotonic():
            raise invalid_login(self._account.account_id)
        return token

    def expire(self, token: str) -> None:
        """End a token's life early."""
        self._ends.pop(token, None)

    def _forget_expired(self) -> None:
        now = self._clock.monotonic()
        self._ends = {token: end for token, end in self._ends.items() if end > now}
        while len(self._ends) >= TOKENS_MAX:
            self._ends.pop(next(iter(self._ends)))

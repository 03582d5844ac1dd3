from __future__ import annotations

from isthmus_sandbox.amazon.accounts import Accounts, derived_account
from isthmus_sandbox.amazon.tokens import Grant, Tokens
from tests.unit.sandbox.stopped_clock import StoppedClock

ACME = derived_account("acme", seed=1)


def issued(tokens: Tokens) -> dict[str, object]:
    return tokens.issue(
        {
            "grant_type": "refresh_token",
            "refresh_token": ACME.refresh_token,
            "client_id": ACME.client_id,
            "client_secret": ACME.client_secret,
        }
    )


def grant_of(tokens: Tokens, token: dict[str, object]) -> Grant | None:
    return tokens.find(str(token["access_token"]))


class TestTokens:
    def test_live_an_hour_divided_by_the_clock_factor(self) -> None:
        clock = StoppedClock(60)
        tokens = Tokens(clock=clock, accounts=Accounts([ACME]))
        token = issued(tokens)
        grant = grant_of(tokens, token)

        assert token["expires_in"] == 60
        assert grant is not None
        assert grant.account == "acme"
        clock.advance(59.9)
        assert tokens.is_live(grant)
        clock.advance(0.2)
        assert not tokens.is_live(grant)

    def test_expire_on_demand(self) -> None:
        tokens = Tokens(clock=StoppedClock(), accounts=Accounts([ACME]))
        first, second = issued(tokens), issued(tokens)

        tokens.expire(str(first["access_token"]))

        expired, other = grant_of(tokens, first), grant_of(tokens, second)
        assert expired is not None
        assert other is not None
        assert not tokens.is_live(expired)
        assert tokens.is_live(other)

    def test_are_bounded(self) -> None:
        tokens = Tokens(clock=StoppedClock(), accounts=Accounts([ACME]), tokens_max=2)

        kept = [grant_of(tokens, token) for token in [issued(tokens) for _ in range(3)]]

        assert [grant is not None for grant in kept] == [False, True, True]

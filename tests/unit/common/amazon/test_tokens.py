"""One access token for all threads."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from isthmus.amazon.errors import AccessRefused
from isthmus.amazon.grants import Grant
from isthmus.amazon.tokens import FAILED_FOR_S, LIFE_SHARE, REFUSED_FOR_S, AccessTokens
from isthmus.core.errors import Retryable
from isthmus.testing.clock import VirtualClock


class Login:
    """Grants tokens with numbers, or fails as it is told."""

    def __init__(self, *, expires_in_s: float = 3600) -> None:
        self.asked = 0
        self.failure: Exception | None = None
        self._expires_in_s = expires_in_s

    def __call__(self) -> Grant:
        self.asked += 1
        if self.failure is not None:
            raise self.failure
        return Grant(f"token-{self.asked}", self._expires_in_s)


class SlowLogin(Login):
    """Answers when it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()

    def __call__(self) -> Grant:
        assert self.go.wait(10)
        return super().__call__()


def in_threads(count: int, work: Callable[[], object]) -> list[object]:
    results: list[object] = []

    def run() -> None:
        try:
            results.append(work())
        except Exception as error:  # noqa: BLE001 (what a thread saw is the result)
            results.append(type(error))

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


class TestAccessTokens:
    def test_fetches_one_and_keeps_it(self) -> None:
        login = Login()
        tokens = AccessTokens(login=login, clock=VirtualClock())

        assert [tokens.current(), tokens.current()] == ["token-1", "token-1"]

    def test_fetches_another_before_the_first_dies(self) -> None:
        clock = VirtualClock()
        tokens = AccessTokens(login=Login(expires_in_s=3600), clock=clock)
        tokens.current()
        clock.advance(3600 * LIFE_SHARE)

        assert tokens.current() == "token-2"

    def test_takes_a_life_as_it_is_told_whatever_the_clock_factor(self) -> None:
        clock = VirtualClock(factor=60)
        tokens = AccessTokens(login=Login(expires_in_s=60), clock=clock)
        tokens.current()
        clock.advance(53)

        assert tokens.current() == "token-1"

    def test_fetches_one_for_all_threads_that_wait(self) -> None:
        login = SlowLogin()
        tokens = AccessTokens(login=login, clock=VirtualClock())
        threading.Timer(0.05, login.go.set).start()

        seen = in_threads(16, tokens.current)

        assert seen == ["token-1"] * 16

    def test_renews_a_refused_token_once_for_all_threads_that_held_it(self) -> None:
        login = Login()
        tokens = AccessTokens(login=login, clock=VirtualClock())
        stale = tokens.current()

        seen = in_threads(16, lambda: tokens.renew(stale=stale))

        assert seen == ["token-2"] * 16

    def test_shares_a_failure_among_all_threads_that_wait(self) -> None:
        login = SlowLogin()
        login.failure = Retryable("no answer")
        tokens = AccessTokens(login=login, clock=VirtualClock())
        threading.Timer(0.05, login.go.set).start()

        seen = in_threads(16, tokens.current)

        assert seen == [Retryable] * 16
        assert login.asked == 1

    @pytest.mark.parametrize(
        ("failure", "for_s"),
        [
            (AccessRefused("invalid_grant"), REFUSED_FOR_S),
            (Retryable("no answer"), FAILED_FOR_S),
            (Retryable("no answer", after_s=17), 17),
        ],
    )
    def test_asks_again_only_after_a_while(self, failure: Exception, for_s: float) -> None:
        clock = VirtualClock(factor=2)
        login = Login()
        login.failure = failure
        tokens = AccessTokens(login=login, clock=clock)
        for _ in range(5):
            with pytest.raises(type(failure), match=str(failure)):
                tokens.current()
        assert login.asked == 1
        login.failure = None
        clock.advance(for_s / 2)

        assert tokens.current() == "token-2"

    def test_hands_its_token_to_the_library(self) -> None:
        tokens = AccessTokens(login=Login(), clock=VirtualClock())

        assert tokens.get_auth().access_token == "token-1"

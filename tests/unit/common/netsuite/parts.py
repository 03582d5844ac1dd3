"""A client on a scripted wire, for tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache

import httpx
from joserfc.jwk import ECKey
from pydantic import SecretStr

from isthmus.netsuite.connection import assembled
from isthmus.netsuite.governor import FixedConcurrency
from isthmus.netsuite.intent import Intent
from isthmus.netsuite.ports import NetSuite
from isthmus.netsuite.settings import NetSuiteSettings
from isthmus.netsuite.tokens import TOKEN_PATH
from isthmus.testing.clock import VirtualClock

BASE = "https://1234567.suitetalk.example"
INTENT = Intent(purpose="test", deadline=1_000_000.0)

Step = httpx.Response | httpx.RequestError


@cache
def a_pem() -> str:
    return ECKey.generate_key("P-256").as_pem(private=True).decode()


def settings(**changes: object) -> NetSuiteSettings:
    given: dict[str, object] = {
        "base_url": BASE,
        "client_id": "client",
        "certificate_id": "certificate",
        "private_key": SecretStr(a_pem()),
        **changes,
    }
    return NetSuiteSettings.model_validate(given)


def token_answer(text: str = "token-1", life_s: object = 3600) -> httpx.Response:
    return httpx.Response(200, json={"access_token": text, "expires_in": life_s})


def complaint(
    status: int, code: str, detail: str = "Something is wrong.", path: str = ""
) -> httpx.Response:
    entry = {"detail": detail, "o:errorCode": code}
    if path:
        entry["o:errorPath"] = path
    body = {"title": "Bad Request", "status": status, "o:errorDetails": [entry]}
    return httpx.Response(status, json=body)


@dataclass
class Wire:
    """Plays steps to the client and remembers what it sent; tokens are endless by default."""

    steps: Iterator[Step]
    tokens: Iterator[Step] | None = None
    clock: VirtualClock = field(default_factory=VirtualClock)
    on_request: Callable[[], None] = lambda: None
    sent: list[httpx.Request] = field(default_factory=list)
    tokens_asked: list[httpx.Request] = field(default_factory=list)
    counted: list[tuple[str, str, str]] = field(default_factory=list)

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.on_request()
        if request.url.path == TOKEN_PATH:
            self.tokens_asked.append(request)
            return self._play(self._next_token())
        self.sent.append(request)
        return self._play(next(self.steps))

    def count(self, *, operation: str, purpose: str, outcome: str, seconds: float) -> None:
        assert seconds >= 0
        self.counted.append((operation, purpose, outcome))

    def client(self, **changes: object) -> NetSuite:
        http = httpx.Client(base_url=BASE, transport=httpx.MockTransport(self.handle))
        governor = FixedConcurrency(2, clock=self.clock)
        return assembled(
            http, settings(**changes), governor=governor, clock=self.clock, count=self.count
        )

    def _next_token(self) -> Step:
        if self.tokens is None:
            return token_answer(f"token-{len(self.tokens_asked)}")
        return next(self.tokens)

    @staticmethod
    def _play(step: Step) -> httpx.Response:
        if isinstance(step, httpx.RequestError):
            raise step
        return step


def wire(*steps: Step, tokens: Iterable[Step] | None = None) -> Wire:
    return Wire(iter(steps), None if tokens is None else iter(tokens))

"""An Amazon that says what a test tells it to say, and remembers what it was asked."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import httpx
from pydantic import SecretStr

from isthmus.amazon.calls import CallOutcome
from isthmus.amazon.exchange import Http, HttpBounds
from isthmus.amazon.grants import Credentials, LoginWithAmazon
from isthmus.amazon.limiter import Limiter
from isthmus.amazon.tokens import AccessTokens
from isthmus.amazon.transport import Connection
from isthmus.testing.clock import VirtualClock

TOKEN_PATH = "/auth/o2/token"
ENDPOINT = "http://amazon.test:8081"
EMPTY_PAGE: Mapping[str, object] = {"orders": [], "lastUpdatedBefore": "2026-11-27T07:58:00Z"}

Answer = Callable[[httpx.Request], httpx.Response]


def says(
    body: object = EMPTY_PAGE, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda _: httpx.Response(status, content=content, headers=headers)


def raises(error: type[httpx.TransportError]) -> Answer:
    def answer(request: httpx.Request) -> httpx.Response:
        raise error("the line is dead", request=request)

    return answer


@dataclass
class Calls:
    """Counts calls as the metrics would."""

    outcomes: Counter[tuple[str, str, CallOutcome]] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    def __call__(
        self, *, account: str, operation: str, purpose: str, outcome: CallOutcome, seconds: float
    ) -> None:
        self.outcomes[operation, purpose, outcome] += 1
        self.seconds.append(seconds)


@dataclass
class FakeAmazon:
    """Answers in turn by the script; the last answer stays."""

    script: list[Answer] = field(default_factory=lambda: [says()])
    grants: list[Answer] = field(default_factory=list)
    requests: list[httpx.Request] = field(default_factory=list)
    logins: list[httpx.Request] = field(default_factory=list)
    calls: Calls = field(default_factory=Calls)
    clock: VirtualClock = field(default_factory=VirtualClock)
    bounds: HttpBounds = field(default_factory=HttpBounds)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == TOKEN_PATH:
            self.logins.append(request)
            return self._next(self.grants, default=self._grant)(request)
        self.requests.append(request)
        return self._next(self.script, default=says())(request)

    def http(self) -> Http:
        return Http(bounds=self.bounds, clock=self.clock, transport=httpx.MockTransport(self))

    def login(self, http: Http | None = None) -> LoginWithAmazon:
        return LoginWithAmazon(
            account="acme-us",
            credentials=some_credentials(),
            endpoint=f"{ENDPOINT}{TOKEN_PATH}",
            http=http or self.http(),
            count=self.calls,
            clock=self.clock,
        )

    def connection(self, *, wait_max_s: float = 0) -> Connection:
        http = self.http()
        return Connection(
            account="acme-us",
            endpoint=ENDPOINT,
            http=http,
            tokens=AccessTokens(login=self.login(http), clock=self.clock),
            limiter=Limiter(clock=self.clock, wait_max_s=wait_max_s),
            count=self.calls,
            clock=self.clock,
        )

    def _grant(self, _: httpx.Request) -> httpx.Response:
        body = {"access_token": f"Atza|{len(self.logins)}", "expires_in": 3600}
        return httpx.Response(200, json=body)

    @staticmethod
    def _next(script: list[Answer], *, default: Answer) -> Answer:
        if not script:
            return default
        return script.pop(0) if len(script) > 1 else script[0]


def some_credentials() -> Credentials:
    return Credentials(
        client_id="amzn1.application-oa2-client.1",
        client_secret=SecretStr("hush-secret"),
        refresh_token=SecretStr("Atzr|hush-refresh"),
    )

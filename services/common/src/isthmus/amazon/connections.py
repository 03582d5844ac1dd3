"""From accounts, credentials and settings to connections: one per account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from isthmus.amazon.accounts import Account
from isthmus.amazon.calls import CountCall
from isthmus.amazon.exchange import Http, HttpBounds
from isthmus.amazon.grants import LWA_ENDPOINT, Credentials, LoginWithAmazon
from isthmus.amazon.limiter import Limiter
from isthmus.amazon.tokens import AccessTokens
from isthmus.amazon.transport import Connection
from isthmus.ops.clock import Clock
from isthmus.ops.environment import Settings
from isthmus.ops.kafka_settings import URL_OR_NOTHING


class AmazonSettings(Settings):
    """How to reach Amazon, or what stands in for it."""

    model_config = SettingsConfigDict(env_prefix="ISTHMUS_AMAZON_")

    endpoint: str = Field(
        default="",
        pattern=URL_OR_NOTHING,
        description="the address of a simulated Amazon; empty = the region's own",
    )
    token_endpoint: str = Field(
        default=LWA_ENDPOINT,
        pattern=URL_OR_NOTHING,
        min_length=1,
        description="the address of Login with Amazon",
    )
    connect_s: float = Field(default=5, gt=0, description="the seconds to connect")
    silence_s: float = Field(default=30, gt=0, description="the longest seconds without a byte")
    total_s: float = Field(default=60, gt=0, description="the longest seconds of a request")
    answer_bytes: int = Field(
        default=64 * 1024 * 1024, ge=1024, description="the size of the largest answer, in bytes"
    )
    quota_wait_s: float = Field(
        default=2,
        ge=0,
        description="the longest seconds to wait in place for quota; a longer wait is a retry",
    )


@contextmanager
def connected(
    *,
    accounts: Mapping[str, Account],
    credentials: Mapping[str, Credentials],
    settings: AmazonSettings,
    count: CountCall,
    clock: Clock,
) -> Iterator[Mapping[str, Connection]]:
    """Hold the connections of all accounts for the block. Nothing is sent before the first call.

    Quotas hold in one process: an account must have one owner at a time.
    """
    bounds = HttpBounds(
        connect_s=settings.connect_s,
        silence_s=settings.silence_s,
        total_s=settings.total_s,
        answer_bytes=settings.answer_bytes,
    )
    http = Http(bounds=bounds, clock=clock)
    limiter = Limiter(clock=clock, wait_max_s=settings.quota_wait_s)

    def connection(name: str, account: Account) -> Connection:
        login = LoginWithAmazon(
            account=name,
            credentials=credentials[name],
            endpoint=settings.token_endpoint,
            http=http,
            count=count,
            clock=clock,
        )
        return Connection(
            account=name,
            endpoint=(settings.endpoint or account.region.endpoint).rstrip("/"),
            http=http,
            tokens=AccessTokens(login=login, clock=clock),
            limiter=limiter,
            count=count,
            clock=clock,
        )

    try:
        yield {name: connection(name, account) for name, account in accounts.items()}
    finally:
        http.close()

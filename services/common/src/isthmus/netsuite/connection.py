"""Puts the client together: one connection pool, one token, one governor for one account."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import httpx

from isthmus.netsuite.calls import CountCall
from isthmus.netsuite.credential import Credential, private_key
from isthmus.netsuite.exchange import Bounds, Exchange
from isthmus.netsuite.governor import Governor
from isthmus.netsuite.ports import NetSuite
from isthmus.netsuite.records import Records
from isthmus.netsuite.settings import NetSuiteSettings
from isthmus.netsuite.suiteql import SuiteQL
from isthmus.netsuite.system import System
from isthmus.netsuite.tokens import TOKEN_PATH, Pauses, TokenSource
from isthmus.netsuite.transport import Transport
from isthmus.ops.clock import Clock

# Below what servers commonly keep an idle connection for: a request must not meet its end.
IDLE_S: Final = 4.0


@contextmanager
def connected(
    settings: NetSuiteSettings, *, governor: Governor, clock: Clock, count: CountCall
) -> Iterator[NetSuite]:
    """Hold the connections to an account for the block. Nothing is sent until the first call."""
    with _http(settings) as http:
        yield assembled(http, settings, governor=governor, clock=clock, count=count)


def assembled(
    http: httpx.Client,
    settings: NetSuiteSettings,
    *,
    governor: Governor,
    clock: Clock,
    count: CountCall,
) -> NetSuite:
    """Put the client together on a given HTTP client."""
    exchange = Exchange(http, bounds=_bounds(settings), clock=clock)
    tokens = TokenSource(
        exchange,
        credential=_credential(settings),
        token_url=settings.base_url + TOKEN_PATH,
        pauses=Pauses(login_s=settings.login_pause_s, failure_s=settings.token_pause_s),
        clock=clock,
        count=count,
    )
    transport = Transport(exchange, tokens=tokens, governor=governor, clock=clock, count=count)
    return NetSuite(Records(transport), SuiteQL(transport), System(transport))


def _http(settings: NetSuiteSettings) -> httpx.Client:
    return httpx.Client(
        base_url=settings.base_url,
        limits=httpx.Limits(
            # One more than requests at once: the token is fetched beside them.
            max_connections=settings.concurrency + 1,
            keepalive_expiry=IDLE_S,
        ),
        proxy=settings.proxy_url or None,
        verify=ssl.create_default_context(cafile=settings.ca_file) if settings.ca_file else True,
        trust_env=False,
    )


def _bounds(settings: NetSuiteSettings) -> Bounds:
    return Bounds(
        connect_s=settings.connect_timeout_s,
        answer_s=settings.answer_timeout_s,
        answer_bytes=settings.answer_bytes,
    )


def _credential(settings: NetSuiteSettings) -> Credential:
    return Credential(
        settings.client_id,
        settings.certificate_id,
        private_key(settings.private_key.get_secret_value()),
    )

"""One NetSuite in two forms: in memory, and simulated behind a port."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Protocol

import httpx
from pydantic import SecretStr

from isthmus.netsuite.connection import connected
from isthmus.netsuite.governor import FixedConcurrency
from isthmus.netsuite.intent import Intent
from isthmus.netsuite.ports import NetSuite
from isthmus.netsuite.settings import NetSuiteSettings
from isthmus.ops.clock import Clock, SystemClock
from isthmus.testing.netsuite import FakeNetSuite
from isthmus_sandbox.clock import Clock as SandboxClock
from tests.contract.sandbox_netsuite.world import Client, SimulatedNetSuite

FACTOR = 200
CUSTOMER = {"isPerson": False, "subsidiary": {"id": "1"}, "currency": {"id": "1"}}


def an_intent(purpose: str = "test", *, within_s: float = 30) -> Intent:
    """Return an intent with time enough for a slow machine."""
    return Intent(purpose=purpose, deadline=SystemClock().monotonic() + within_s)


def unique(prefix: str) -> str:
    """Return an external id that no other test has."""
    return f"{prefix}-{uuid.uuid4().hex[:16]}"


class Subject(Protocol):
    """An account with a customer and an item, and what a test does behind the client's back."""

    clock: Clock
    account: NetSuite

    def put_item(self, sku: str, *, is_inactive: bool = False, display_name: str = "") -> str:
        """Add an item, or change the one of this name, and return its internal id."""
        ...


@dataclass
class Memory:
    """The fake."""

    clock: Clock = field(default_factory=SystemClock)
    ids: Iterator[int] = field(default_factory=lambda: count(5001))

    def __post_init__(self) -> None:
        self.fake = FakeNetSuite(self.clock)
        self.account = self.fake.account()

    def put_item(self, sku: str, *, is_inactive: bool = False, display_name: str = "") -> str:
        held = (item.id for item in self.fake.items.values() if item.itemid == sku)
        internal_id = next(held, None) or next(self.ids)
        self.fake.put_item(
            internal_id, sku, is_inactive=is_inactive, display_name=display_name or None
        )
        return str(internal_id)


@dataclass
class Simulated:
    """The real client before a simulated NetSuite."""

    clock: Clock
    account: NetSuite
    behind: SimulatedNetSuite
    counted: Counter[tuple[str, str, str]]

    def put_item(self, sku: str, *, is_inactive: bool = False, display_name: str = "") -> str:
        named = {"displayName": display_name} if display_name else {}
        return self.behind.put("inventoryItem", itemId=sku, isInactive=is_inactive, **named)


@contextmanager
def simulated(port: int, client: Client, **settings: object) -> Iterator[Simulated]:
    """Connect to a simulated NetSuite; a setting may be wrong on purpose."""
    base_url = f"http://127.0.0.1:{port}"
    clock = SystemClock(FACTOR)
    counted: Counter[tuple[str, str, str]] = Counter()

    def count_call(*, operation: str, purpose: str, outcome: str, seconds: float) -> None:
        del seconds
        counted[operation, purpose, outcome] += 1

    with (
        httpx.Client(base_url=base_url, timeout=10) as http,
        connected(
            settings_of(client, base_url, **settings),
            governor=FixedConcurrency(4, clock=clock),
            clock=clock,
            count=count_call,
        ) as account,
    ):
        behind = SimulatedNetSuite(http=http, clock=SandboxClock(FACTOR), client=client)
        yield Simulated(clock=clock, account=account, behind=behind, counted=counted)


def settings_of(client: Client, base_url: str, **changes: object) -> NetSuiteSettings:
    """Return the settings of a client of the simulated NetSuite."""
    pem = (client.integration.parent / "private-key.pem").read_text()
    return NetSuiteSettings.model_validate(
        {
            "base_url": base_url,
            "client_id": client.client_id,
            "certificate_id": client.certificate_id,
            "private_key": SecretStr(pem),
            "answer_timeout_s": 20,
            **changes,
        }
    )

"""A simulated Amazon behind a real port, a thousand times as fast, and our client before it."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import httpx
import pytest
import yaml
from pydantic import SecretStr

from isthmus.amazon.accounts import Account, Region
from isthmus.amazon.calls import CallOutcome
from isthmus.amazon.connections import AmazonSettings, connected
from isthmus.amazon.grants import Credentials
from isthmus.amazon.transport import Connection
from isthmus.ops.clock import SystemClock
from isthmus_sandbox.clock import Clock
from tests.contract.sandbox_amazon.conftest import written_port
from tests.contract.sandbox_amazon.world import Json, SimulatedAmazon

FACTOR = 1000
SELLERS = tuple(f"seller-{number}" for number in range(60))
SCENARIO = {"accounts": [{"name": name, "marketplaces": ["US", "CA", "MX"]} for name in SELLERS]}
NORTH_AMERICA = ("ATVPDKIKX0DER", "A2EUQ1WTGCTBG2", "A1AM78C64UM0Y8")


@dataclass
class Client:
    """Connects a seller to the simulated Amazon and counts what is called."""

    amazon: SimulatedAmazon
    seller: str
    open: ExitStack
    outcomes: Counter[str] = field(default_factory=Counter)

    def place(self, **spec: object) -> list[Json]:
        """Place orders of the seller that are old enough to be shown."""
        return self.amazon.place(account=self.seller, **spec)

    def asked(self) -> list[Json]:
        """Return the searches of the seller, as Amazon's journal has them."""
        searches = self.amazon.journal("searchOrders")
        return [entry for entry in searches if entry["detail"].get("account") == self.seller]

    def credentials(self, **wrong: str) -> Credentials:
        """Return what the seller gave us; an argument replaces a part."""
        account = {**self.amazon.account(self.seller), **wrong}
        return Credentials(
            client_id=account["client_id"],
            client_secret=SecretStr(account["client_secret"]),
            refresh_token=SecretStr(account["refresh_token"]),
        )

    def connection(
        self, credentials: Credentials | None = None, *, wait_max_s: float = 1e6
    ) -> Connection:
        """Connect as the seller."""
        base_url = str(self.amazon.http.base_url).rstrip("/")
        held = connected(
            accounts={self.seller: Account(region=Region.NA, marketplaces=NORTH_AMERICA)},
            credentials={self.seller: credentials or self.credentials()},
            settings=AmazonSettings(
                endpoint=base_url,
                token_endpoint=f"{base_url}/auth/o2/token",
                silence_s=3,
                quota_wait_s=wait_max_s,
            ),
            count=self._count,
            clock=SystemClock(FACTOR),
        )
        return self.open.enter_context(held)[self.seller]

    def _count(
        self, *, account: str, operation: str, purpose: str, outcome: CallOutcome, seconds: float
    ) -> None:
        self.outcomes[f"{operation} {outcome}"] += 1


@pytest.fixture(scope="module")
def amazon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatedAmazon]:
    """Serve one until the module is done."""
    folder = tmp_path_factory.mktemp("amazon")
    (folder / "scenario.yaml").write_text(yaml.safe_dump(SCENARIO))
    command = [sys.executable, "-m", "isthmus_sandbox", "amazon", "--clock-factor", str(FACTOR)]
    files = ["--scenario", str(folder / "scenario.yaml"), "--port-file", str(folder / "port")]
    process = subprocess.Popen([*command, *files])
    try:
        base_url = f"http://127.0.0.1:{written_port(folder / 'port')}"
        with httpx.Client(base_url=base_url, timeout=10) as http:
            yield SimulatedAmazon(http=http, clock=Clock(FACTOR))
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture(scope="module")
def sellers() -> Iterator[str]:
    return iter(SELLERS)


@pytest.fixture
def client(amazon: SimulatedAmazon, sellers: Iterator[str]) -> Iterator[Client]:
    """Give the client of a seller of the test's own: quotas are used up, consents withdrawn."""
    with ExitStack() as stack:
        yield Client(amazon, next(sellers), stack)
    amazon.http.delete("/_control/faults")

"""A simulated NetSuite in this process with a stopped clock, and one behind a real port."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import httpx
import pytest
from fastapi.testclient import TestClient

from isthmus_sandbox.clock import Clock
from isthmus_sandbox.netsuite.app import Setup, netsuite_app
from isthmus_sandbox.netsuite.auth.credentials import load_integration, make_credentials
from tests.contract.sandbox_netsuite.world import Client, SimulatedNetSuite
from tests.unit.sandbox.stopped_clock import StoppedClock

FACTOR = 50
START_S = 30.0


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory) -> Client:
    folder = tmp_path_factory.mktemp("credentials")
    return Client.of(make_credentials(folder, algorithm="ES256", now=StoppedClock().now()))


@pytest.fixture
def stranger(clock: StoppedClock, client: Client) -> Iterator[SimulatedNetSuite]:
    """Nobody has logged in, and the account has nothing to sell."""
    setup = Setup(integration=load_integration(client.integration), clock=clock)
    with TestClient(netsuite_app(setup)) as http:
        # A client in all but descent.
        yield SimulatedNetSuite(http=cast(httpx.Client, http), clock=clock, client=client)


@pytest.fixture
def netsuite(stranger: SimulatedNetSuite) -> SimulatedNetSuite:
    """Logged in, with a customer and an item."""
    return furnished(stranger)


@pytest.fixture(scope="module")
def process_port(client: Client, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    port_file = tmp_path_factory.mktemp("netsuite") / "port"
    command = [sys.executable, "-m", "isthmus_sandbox", "netsuite", "--seed", "3"]
    options = ["--integration", str(client.integration), "--clock-factor", str(FACTOR)]
    process = subprocess.Popen([*command, *options, "--port-file", str(port_file)])
    try:
        yield written_port(port_file)
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture
def served(process_port: int, client: Client) -> Iterator[SimulatedNetSuite]:
    """Behind a real port, fifty times as fast; shared by a module, its faults are not."""
    with httpx.Client(base_url=f"http://127.0.0.1:{process_port}", timeout=10) as http:
        yield furnished(SimulatedNetSuite(http=http, clock=Clock(FACTOR), client=client))
        http.delete("/_control/faults")


def furnished(netsuite: SimulatedNetSuite) -> SimulatedNetSuite:
    netsuite.put(
        "customer", externalId="AMZ-CUST-US", companyName="Amazon US", subsidiary={"id": "1"}
    )
    netsuite.put("inventoryItem", externalId="ITEM-1", itemId="SKU-1", basePrice=25.0)
    return netsuite.logged_in()


def written_port(path: Path) -> int:
    """Wait for a server to say where it listens."""
    end = time.monotonic() + START_S
    while not path.exists():
        assert time.monotonic() < end, f"no port in {path} after {START_S} s"
        time.sleep(0.05)
    return int(path.read_text(encoding="utf-8"))

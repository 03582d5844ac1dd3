"""A simulated Amazon in this process with a stopped clock, and one behind a real port."""

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

from isthmus_sandbox.amazon.app import amazon_app
from isthmus_sandbox.amazon.scenario import Scenario
from isthmus_sandbox.clock import Clock
from tests.contract.sandbox_amazon.world import SimulatedAmazon
from tests.unit.sandbox.stopped_clock import StoppedClock

SCENARIO = Scenario.model_validate(
    {
        "accounts": [
            {"name": "acme"},
            {"name": "acme-us", "marketplaces": ["US"]},
            {"name": "roleless", "restricted_role": False},
        ]
    }
)
START_S = 30.0


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def amazon(clock: StoppedClock) -> Iterator[SimulatedAmazon]:
    app = amazon_app(clock=clock, seed=1, scenario=SCENARIO, state=None, models=None)
    with TestClient(app) as http:
        # A client in all but descent.
        yield SimulatedAmazon(http=cast(httpx.Client, http), clock=clock)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatedAmazon]:
    """Serve one behind a real port, a hundred times as fast, until the module is done."""
    port_file = tmp_path_factory.mktemp("amazon") / "port"
    command = [sys.executable, "-m", "isthmus_sandbox", "amazon", "--clock-factor", "100"]
    process = subprocess.Popen([*command, "--port-file", str(port_file)])
    try:
        base_url = f"http://127.0.0.1:{written_port(port_file)}"
        with httpx.Client(base_url=base_url, timeout=10) as http:
            yield SimulatedAmazon(http=http, clock=Clock(100))
    finally:
        process.terminate()
        process.wait(timeout=10)


def written_port(path: Path) -> int:
    """Wait for a server to say where it listens."""
    end = time.monotonic() + START_S
    while not path.exists():
        assert time.monotonic() < end, f"no port in {path} after {START_S} s"
        time.sleep(0.05)
    return int(path.read_text(encoding="utf-8"))

"""The command line, as a process of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.contract.sandbox_amazon.conftest import written_port
from tests.contract.sandbox_amazon.world import SimulatedAmazon
from tests.unit.sandbox.stopped_clock import StoppedClock

COMMAND = [sys.executable, "-m", "isthmus_sandbox", "amazon"]


@contextmanager
def running(folder: Path, *options: str) -> Iterator[tuple[SimulatedAmazon, subprocess.Popen[str]]]:
    port_file = folder / "port"
    port_file.unlink(missing_ok=True)
    process = subprocess.Popen(
        [*COMMAND, "--port-file", str(port_file), *options], stderr=subprocess.PIPE, text=True
    )
    try:
        base_url = f"http://127.0.0.1:{written_port(port_file)}"
        with httpx.Client(base_url=base_url) as http:
            yield SimulatedAmazon(http=http, clock=StoppedClock()), process
    finally:
        process.kill()
        process.communicate(timeout=10)


class TestCommand:
    def test_stops_at_once_when_told_though_a_client_waits(self, tmp_path: Path) -> None:
        with running(tmp_path) as (amazon, process):
            rule = {"kind": "commit_then_timeout", "operation": "getAccessToken", "delay_s": 60}
            amazon.strike(rule)
            waiting = httpx.Client(base_url=amazon.http.base_url)
            with waiting, waiting.stream("GET", "/_control/health"):
                began = time.monotonic()
                process.send_signal(signal.SIGTERM)
                process.wait(timeout=10)

            assert time.monotonic() - began < 2

    def test_keeps_its_state_over_a_kill(self, tmp_path: Path) -> None:
        state = str(tmp_path / "state")
        with running(tmp_path, "--state", state) as (amazon, process):
            placed = amazon.place(count=7)
            amazon.change(placed[0]["order_id"], "touch")
            truth = amazon.http.get("/_control/orders").json()
            process.kill()

        with running(tmp_path, "--state", state) as (amazon, _):
            assert amazon.http.get("/_control/orders").json() == truth
            assert len(amazon.journal("control.change")) == 1
            more = amazon.place(count=1)

        assert more[0]["order_id"] not in {order["order_id"] for order in truth}

    def test_opens_the_scenario(self, tmp_path: Path) -> None:
        scenario = tmp_path / "scenario.yaml"
        text = "accounts: [{name: acme-us}]\norders: [{count: 3, account: acme-us}]"
        scenario.write_text(text, encoding="utf-8")

        with running(tmp_path, "--scenario", str(scenario)) as (amazon, _):
            orders = amazon.http.get("/_control/orders").json()

        assert [order["account"] for order in orders] == ["acme-us"] * 3

    def test_says_what_is_wrong_with_a_scenario(self, tmp_path: Path) -> None:
        scenario = tmp_path / "scenario.yaml"
        scenario.write_text("accounts: [{name: acme-us, marketplaces: [XX]}]", encoding="utf-8")

        done = subprocess.run(
            [*COMMAND, "--scenario", str(scenario)], capture_output=True, text=True, check=False
        )

        assert done.returncode == 2
        assert "no marketplace 'XX'" in done.stderr

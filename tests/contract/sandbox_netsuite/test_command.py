"""The command line: credentials, and an account that outlives its process."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from isthmus_sandbox.clock import Clock
from tests.contract.sandbox_netsuite.conftest import furnished, written_port
from tests.contract.sandbox_netsuite.world import Client, SimulatedNetSuite, a_sale, codes

MODULE = [sys.executable, "-m", "isthmus_sandbox"]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*MODULE, *arguments], capture_output=True, text=True, timeout=30, check=False
    )


def told(finished: subprocess.CompletedProcess[str]) -> str:
    """Return what was said to the person, without the frame around it."""
    return " ".join(finished.stderr.replace("│", " ").split())


@contextmanager
def process(client: Client, state: Path, *options: str) -> Iterator[SimulatedNetSuite]:
    """Serve an account of this state; it is killed, not stopped."""
    port_file = state.with_suffix(".port")
    port_file.unlink(missing_ok=True)
    command = [*MODULE, "netsuite", "--integration", str(client.integration)]
    started = subprocess.Popen(
        [*command, "--state", str(state), "--port-file", str(port_file), *options]
    )
    try:
        url = f"http://127.0.0.1:{written_port(port_file)}"
        with httpx.Client(base_url=url, timeout=10) as http:
            yield SimulatedNetSuite(http=http, clock=Clock(), client=client)
    finally:
        started.send_signal(signal.SIGKILL)
        started.wait(timeout=10)


class TestCredentials:
    def test_are_made_once(self, tmp_path: Path) -> None:
        first = run("credentials", str(tmp_path / "c"))
        second = run("credentials", str(tmp_path / "c"))

        assert first.returncode == 0
        assert (tmp_path / "c" / "integration.yaml").exists()
        assert second.returncode == 2
        assert "never overwritten" in told(second)


class TestServing:
    def test_without_an_integration_says_how_to_make_one(self, tmp_path: Path) -> None:
        refused = run("netsuite", "--integration", str(tmp_path / "none.yaml"))

        assert refused.returncode == 2
        assert "isthmus-sandbox credentials" in told(refused)

    def test_refuses_a_custom_field_of_an_unknown_kind(self, client: Client) -> None:
        refused = run(
            "netsuite", "--integration", str(client.integration), "--field", "custbody_x:color"
        )

        assert refused.returncode == 2
        assert "custbody_x:color" in told(refused)

    def test_has_all_records_after_a_kill(self, client: Client, tmp_path: Path) -> None:
        state, body = tmp_path / "state", a_sale(external_id="AMZ-SO-1", custbody_x=5)
        options = ("--clock-factor", "100", "--field", "custbody_x:integer")
        with process(client, state, *options) as netsuite:
            assert furnished(netsuite).post("salesOrder", body).status_code == 204

        with process(client, state, *options, "--duplicate-code", "USER_ERROR") as netsuite:
            answer = netsuite.logged_in().post("salesOrder", body)

            assert codes(answer) == ["USER_ERROR"]
            assert len(netsuite.truth("salesOrder")) == 1
            assert [e["effect"] for e in netsuite.journal("salesOrder.create")] == [
                "created",
                "duplicate",
            ]
            assert netsuite.whole("salesOrder/eid:AMZ-SO-1")["custbody_x"] == 5

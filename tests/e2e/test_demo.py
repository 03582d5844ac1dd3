"""The demo as a newcomer runs it, with fewer orders."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ORDERS = 60
PATIENCE_S = 280
ISTHMUSCTL = Path(sys.executable).parent / "isthmusctl"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """Run it once."""
    folder = tmp_path_factory.mktemp("demo") / "run"
    return subprocess.run(
        [ISTHMUSCTL, "demo", f"--orders={ORDERS}", f"--run-dir={folder}"],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


@pytest.mark.kafka
@pytest.mark.timeout(PATIENCE_S + 20)
class TestDemo:
    def test_ends_well(self, demo: subprocess.CompletedProcess[str]) -> None:
        assert demo.returncode == 0, demo.stdout + demo.stderr

    @pytest.mark.parametrize("rule", ["lost", "doubled", "out of order", "left open"])
    def test_breaks_no_rule(self, demo: subprocess.CompletedProcess[str], rule: str) -> None:
        assert re.search(rf"│ {rule} +│ 0 +│", demo.stdout), demo.stdout

    def test_finds_every_order_everywhere(self, demo: subprocess.CompletedProcess[str]) -> None:
        told = " ".join(demo.stdout.split())
        found = re.search(
            r"(\d+) orders at Amazon = (\d+) in facts;"
            r" (\d+) to book = (\d+) in commands = (\d+) in NetSuite",
            told,
        )

        assert found is not None, demo.stdout
        orders, facts, due, commands, booked = map(int, found.groups())
        assert orders == facts == ORDERS
        assert 0 < due == commands == booked

    @pytest.mark.parametrize(
        "worker", ["amazon-ingest", "inventory-publisher", "mapper", "netsuite-writer"]
    )
    def test_kills_each_kind_of_worker(
        self, demo: subprocess.CompletedProcess[str], worker: str
    ) -> None:
        assert f"kill -9 {worker}-0" in " ".join(demo.stdout.split())

    def test_sees_waiting_orders_go_on_by_themselves(
        self, demo: subprocess.CompletedProcess[str]
    ) -> None:
        assert "the mapper has sent all of them back by itself" in demo.stdout
        assert "dlq replay" not in demo.stdout

    def test_commands_no_order_again_for_nothing(
        self, demo: subprocess.CompletedProcess[str]
    ) -> None:
        # Faults and kills make writers try twice; later facts of an order must not.
        assert "POSTs refused as duplicates" in demo.stdout
        assert "commanded again" not in demo.stdout

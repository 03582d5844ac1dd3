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

"""From settings to feeds."""

from __future__ import annotations

from pathlib import Path

import pytest

from isthmus.amazon.accounts import read_accounts
from isthmus.amazon.calls import CallOutcome
from isthmus.ops.configuration import ConfigurationError
from isthmus.ops.environment import load
from isthmus.ops.metrics import Metrics
from isthmus.testing.clock import VirtualClock
from isthmus_amazon_ingest.settings import IngestSettings
from isthmus_amazon_ingest.wiring import Feeds, build_feeds, counting
from tests.unit.amazon_ingest.amazon_orders import OpenSealer

ACCOUNTS = """\
accounts:
  acme-us: {region: na, marketplaces: [ATVPDKIKX0DER]}
  acme-eu: {region: eu, marketplaces: [A1PA6795UKMFR9], other_marketplaces: ignore}
"""


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    (tmp_path / "accounts.yaml").write_text(ACCOUNTS)
    monkeypatch.setenv("ISTHMUS_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    monkeypatch.setenv("ISTHMUS_SLOT", "0")
    monkeypatch.setenv("ISTHMUS_ACCOUNTS_PATH", str(tmp_path / "accounts.yaml"))
    monkeypatch.setenv("ISTHMUS_REFUSED_DIR", str(tmp_path))
    monkeypatch.setenv("ISTHMUS_STATE_DIR", str(tmp_path))
    for account in ("ACME_US", "ACME_EU"):
        for name in ("CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN"):
            monkeypatch.setenv(f"ISTHMUS_AMAZON_{account}_{name}", "given")
    return monkeypatch


def built() -> Feeds:
    clock = VirtualClock(factor=60)
    with build_feeds(settings=load(IngestSettings), clock=clock, metrics=Metrics()) as feeds:
        return feeds


class TestReadme:
    def test_shows_accounts_that_are_right(self, tmp_path: Path) -> None:
        readme = (Path(__file__).parents[3] / "services/amazon-ingest/README.md").read_text()
        shown = readme.partition("```yaml\n")[2].partition("```")[0]
        (tmp_path / "accounts.yaml").write_text(shown)

        assert list(read_accounts(tmp_path / "accounts.yaml")) == ["acme-us"]


class TestBuildFeeds:
    @pytest.mark.usefixtures("environment")
    def test_makes_one_sweep_for_all_accounts(self) -> None:
        feeds = built()

        assert feeds.accounts == ("acme-us", "acme-eu")
        [feed] = feeds.of(OpenSealer())
        assert (feed.name, feed.every_s) == ("orders-sweep", 180)

    @pytest.mark.usefixtures("environment")
    def test_asks_for_listed_marketplaces_alone_where_others_are_ignored(self) -> None:
        pages = built().pages

        assert pages.accounts["acme-us"].marketplaces == ()
        assert pages.accounts["acme-eu"].marketplaces == ("A1PA6795UKMFR9",)

    def test_refuses_a_missing_secret(self, environment: pytest.MonkeyPatch) -> None:
        environment.delenv("ISTHMUS_AMAZON_ACME_EU_REFRESH_TOKEN")

        with pytest.raises(ConfigurationError, match="ISTHMUS_AMAZON_ACME_EU_REFRESH_TOKEN"):
            built()


class TestCounting:
    def test_counts_calls_by_operation_purpose_and_outcome(self) -> None:
        metrics = Metrics()

        counting(metrics, service="amazon-ingest")(
            account="acme-us",
            operation="searchOrders",
            purpose="sweep",
            outcome=CallOutcome.THROTTLED,
            seconds=0.5,
        )

        labels = {
            "service": "amazon-ingest",
            "end": "amazon",
            "operation": "searchOrders",
            "purpose": "sweep",
            "outcome": "throttled",
        }
        value = metrics.registry.get_sample_value
        assert value("isthmus_outside_calls_total", labels) == 1
        assert value("isthmus_outside_calls_seconds_sum", labels) == 0.5

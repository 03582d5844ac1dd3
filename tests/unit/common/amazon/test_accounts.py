"""The file of accounts, and their credentials."""

from __future__ import annotations

from pathlib import Path

import pytest

from isthmus.amazon.accounts import Region, marketplace_regions, read_accounts, read_credentials
from isthmus.ops.configuration import ConfigurationError

GOOD = """\
accounts:
  acme-us:
    region: na
    marketplaces: [ATVPDKIKX0DER, A2EUQ1WTGCTBG2]
    orders_since: 2026-11-01T00:00:00Z
  acme-eu:
    region: eu
    marketplaces: [A1PA6795UKMFR9]
    other_marketplaces: ignore
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "accounts.yaml"
    path.write_text(text)
    return path


class TestAccounts:
    def test_are_read(self, tmp_path: Path) -> None:
        accounts = read_accounts(written(tmp_path, GOOD))

        assert list(accounts) == ["acme-us", "acme-eu"]
        assert accounts["acme-us"].region.endpoint == "https://sellingpartnerapi-na.amazon.com"
        assert accounts["acme-eu"].other_marketplaces == "ignore"

    @pytest.mark.parametrize(
        ("wrong", "right", "line", "words"),
        [
            ("region: na", "region: us", 3, "'na', 'eu' or 'fe'"),
            (
                "ATVPDKIKX0DER",
                "ATVPDKIKX0DEX",
                2,
                "ATVPDKIKX0DEX is not a marketplace of region na",
            ),
            ("A1PA6795UKMFR9", "ATVPDKIKX0DER", 6, "not a marketplace of region eu; it has A13V1"),
            ("acme-eu", "Acme_EU", 6, "pattern"),
            ("    region: eu\n", "", 6, "region is missing"),
            ("other_marketplaces", "other_market", 9, "is not known here"),
            ("2026-11-01T00:00:00Z", "2026-11-01 00:00:00", 5, "timezone"),
        ],
    )
    def test_are_refused_with_file_and_line(
        self, tmp_path: Path, wrong: str, right: str, line: int, words: str
    ) -> None:
        path = written(tmp_path, GOOD.replace(wrong, right))

        with pytest.raises(ConfigurationError) as error:
            read_accounts(path)

        [problem] = error.value.problems
        assert problem.where == f"{path}:{line}"
        assert words in problem.what
        assert problem.remedy

    def test_know_every_marketplace_of_the_library(self) -> None:
        regions = marketplace_regions()

        assert regions["A1VC38T7YXB528"] is Region.FE
        assert len(regions) >= 23


class TestCredentials:
    def test_come_from_variables_and_mounted_files(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "secret").write_text("hush\n")
        monkeypatch.setenv("ISTHMUS_AMAZON_ACME_US_CLIENT_ID", "amzn1")
        monkeypatch.setenv("ISTHMUS_AMAZON_ACME_US_CLIENT_SECRET_FILE", str(tmp_path / "secret"))
        monkeypatch.setenv("ISTHMUS_AMAZON_ACME_US_REFRESH_TOKEN", "Atzr|1")
        accounts = read_accounts(written(tmp_path, GOOD))

        credentials = read_credentials({"acme-us": accounts["acme-us"]})["acme-us"]

        assert credentials.client_id == "amzn1"
        assert credentials.client_secret.get_secret_value() == "hush"
        assert credentials.refresh_token.get_secret_value() == "Atzr|1"

    def test_name_what_is_missing_of_all_accounts(self, tmp_path: Path) -> None:
        accounts = read_accounts(written(tmp_path, GOOD))

        with pytest.raises(ConfigurationError) as error:
            read_credentials(accounts)

        assert sorted(problem.where for problem in error.value.problems) == sorted(
            f"ISTHMUS_AMAZON_ACME_{region}_{name}"
            for region in ("US", "EU")
            for name in ("CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN")
        )

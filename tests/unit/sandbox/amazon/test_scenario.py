from __future__ import annotations

from pathlib import Path

import pytest

from isthmus_sandbox.amazon.quota import GET_ORDER, SEARCH_ORDERS, UsagePlan
from isthmus_sandbox.amazon.scenario import ScenarioRefused, plain_scenario, read_scenario


def written(folder: Path, text: str) -> Path:
    path = folder / "scenario.yaml"
    path.write_text(text, encoding="utf-8")
    return path


class TestReadScenario:
    def test_opens_the_accounts_of_the_file(self, tmp_path: Path) -> None:
        path = written(
            tmp_path,
            """
            accounts:
              - name: acme-us
                client_secret: my-secret
                marketplaces: [US, CA]
                restricted_role: false
                plans: {searchOrders: {rate: 0.1, burst: 40}}
              - name: acme-jp
                marketplaces: [JP]
            orders:
              - {count: 5, account: acme-us}
            """,
        )

        scenario = read_scenario(path)
        us, jp = scenario.opened(seed=1).all()

        assert (us.name, us.client_secret, us.restricted_role) == ("acme-us", "my-secret", False)
        assert us.marketplace_ids == ["ATVPDKIKX0DER", "A2EUQ1WTGCTBG2"]
        assert us.plans[SEARCH_ORDERS] == UsagePlan(rate=0.1, burst=40)
        assert us.plans[GET_ORDER] == UsagePlan(rate=0.5, burst=30)
        assert jp.client_secret.startswith("amzn1.oa2-cs.v1.")
        assert jp.client_secret != us.client_secret
        assert [spec.count for spec in scenario.orders] == [5]

    @pytest.mark.parametrize(
        ("text", "complaint"),
        [
            ("accounts: []", "accounts"),
            ("accounts: [{name: Acme US}]", r"accounts\.0\.name"),
            ("accounts: [{name: a, colour: red}]", r"accounts\.0\.colour"),
            ("accounts: [{name: amazon-examples}]", "kept for Amazon's own"),
            ("accounts: [{name: a}]\norders: [{count: 1, account: b}]", "no account 'b'"),
            ("accounts: [", "scenario.yaml"),
            ("accounts: [{name: a}]\norders: [{count: 0}]", r"orders\.0\.count"),
        ],
    )
    def test_says_where_the_file_is_wrong(self, tmp_path: Path, text: str, complaint: str) -> None:
        with pytest.raises(ScenarioRefused, match=complaint):
            read_scenario(written(tmp_path, text))

    def test_says_which_file_is_missing(self, tmp_path: Path) -> None:
        with pytest.raises(ScenarioRefused, match=r"nowhere\.yaml"):
            read_scenario(tmp_path / "nowhere.yaml")

    @pytest.mark.parametrize(
        ("account", "complaint"),
        [
            ("{name: a, marketplaces: [XX]}", "no marketplace 'XX'"),
            ("{name: a, plans: {getOrders: {rate: 1, burst: 1}}}", "no operation 'getOrders'"),
            ("{name: b}", "two accounts named 'b'"),
        ],
    )
    def test_refuses_what_does_not_exist(
        self, tmp_path: Path, account: str, complaint: str
    ) -> None:
        scenario = read_scenario(written(tmp_path, f"accounts: [{{name: b}}, {account}]"))

        with pytest.raises(ScenarioRefused, match=complaint):
            scenario.opened(seed=1)


class TestPlainScenario:
    def test_opens_so_many_accounts_with_credentials_of_their_own(self) -> None:
        accounts = plain_scenario(3).opened(seed=1).all()

        assert [account.name for account in accounts] == ["seller-1", "seller-2", "seller-3"]
        assert len({account.refresh_token for account in accounts}) == 3

    def test_keeps_secrets_out_of_its_text(self) -> None:
        account = plain_scenario(1).opened(seed=1).all()[0]

        assert account.client_secret not in repr(account)
        assert account.refresh_token not in repr(account)

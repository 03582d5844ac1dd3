"""Every account of a source has an owner, or nothing starts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from isthmus.kafka.source import Source, refuse_ownerless
from isthmus.ops.configuration import ConfigurationError
from isthmus.ops.health import Heartbeat
from isthmus.testing.clock import VirtualClock

TOPIC = "amazon-ingest.accounts"


def a_source(*, accounts: int, partitions: int, joined: list[Any]) -> Source:
    """Return a source on a Kafka that knows only the topic of its accounts."""
    topics = {TOPIC: SimpleNamespace(partitions=dict.fromkeys(range(partitions)))}
    admin = SimpleNamespace(list_topics=lambda _topic, _timeout: SimpleNamespace(topics=topics))
    clock = VirtualClock()

    def subscribe(names: list[str], **_callbacks: Any) -> None:
        joined.extend(names)

    return Source(
        topic=TOPIC,
        consumer=SimpleNamespace(subscribe=subscribe),  # type: ignore[arg-type]
        accounts=[f"acme-{number}" for number in range(accounts)],
        owner_of=lambda account: pytest.fail(f"{account} has an owner"),
        clock=clock,
        rebalance_budget_s=1,
        heartbeat=Heartbeat(clock),
        control=SimpleNamespace(admin=admin),  # type: ignore[arg-type]
    )


class TestStart:
    @pytest.mark.parametrize("accounts", [1, 3])
    def test_joins_the_group_when_every_account_has_a_partition(self, accounts: int) -> None:
        joined: list[Any] = []

        a_source(accounts=accounts, partitions=3, joined=joined).start()

        assert joined == [TOPIC]

    def test_is_refused_when_an_account_would_have_no_owner(self) -> None:
        joined: list[Any] = []

        with pytest.raises(ConfigurationError):
            a_source(accounts=4, partitions=3, joined=joined).start()

        assert joined == []


class TestRefusal:
    def test_names_the_file_the_accounts_and_the_remedy(self) -> None:
        with pytest.raises(ConfigurationError) as refused:
            refuse_ownerless(["acme-us", "acme-eu", "acme-jp"], topic=TOPIC, partitions=1)

        [problem] = refused.value.problems
        assert str(problem) == (
            "schemas/topics.yaml: amazon-ingest.accounts has 1 partition(s) for 3 accounts:"
            " acme-eu, acme-jp would have no owner, and never be read. Remedy: set accounts: 3 or"
            " more for this source under sources in schemas/topics.yaml, run isthmusctl topics"
            " apply, and start again"
        )

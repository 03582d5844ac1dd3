from __future__ import annotations

import pytest

from isthmus.kafka.local import running_kafka
from isthmus.kafka.local.answers import brokers

from .records import create_topic, read, write

pytestmark = [pytest.mark.kafka, pytest.mark.crash]


class TestThreeNodes:
    def test_lose_nothing_and_go_on_when_one_is_killed(self, unique: str) -> None:
        with running_kafka(mode="embedded", nodes=3) as cluster:
            servers = cluster.bootstrap_servers
            create_topic(servers, unique, copies=3)
            write(servers, unique, [b"before"])

            cluster.kill(1)
            write(servers, unique, [b"while one is dead"])
            cluster.start(1)
            write(servers, unique, [b"after"])

            assert brokers(servers) == {1, 2, 3}
            assert read(servers, unique, count=3) == [b"before", b"while one is dead", b"after"]
            assert all(list(data.glob(f"{unique}-0/*.log")) for data in cluster.data_folders)

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from isthmus.kafka.local import KafkaCluster, LocalKafkaUnavailable, running_kafka
from isthmus.kafka.local.answers import brokers
from isthmus.kafka.local.embedded import embedded_cluster
from isthmus.kafka.local.properties import free_ports
from isthmus.kafka.local.settings import EmbeddedSettings

from .records import create_topic, read, write

pytestmark = [pytest.mark.kafka, pytest.mark.crash]


@pytest.fixture(scope="module")
def cluster() -> Iterator[KafkaCluster]:
    with running_kafka(mode="embedded") as cluster:
        yield cluster


class TestOneNode:
    def test_comes_back_from_a_kill_with_its_data_on_its_port(
        self, cluster: KafkaCluster, unique: str
    ) -> None:
        address = cluster.bootstrap_servers
        create_topic(address, unique)
        write(address, unique, [b"before"])

        cluster.kill(1)
        silent = not brokers(address, timeout_s=1)
        cluster.start(1)
        write(address, unique, [b"after"])

        assert silent
        assert cluster.bootstrap_servers == address
        assert read(address, unique, count=2) == [b"before", b"after"]

    def test_comes_back_from_a_stop(self, cluster: KafkaCluster, unique: str) -> None:
        create_topic(cluster.bootstrap_servers, unique)

        cluster.stop(1)
        cluster.start(1)

        assert "Terminating process due to signal SIGTERM" in cluster.log(1)
        write(cluster.bootstrap_servers, unique, [b"after"])

    def test_is_silent_while_it_is_frozen(self, cluster: KafkaCluster) -> None:
        cluster.pause(1)
        frozen = brokers(cluster.bootstrap_servers, timeout_s=1)
        cluster.resume(1)
        thawed = brokers(cluster.bootstrap_servers, timeout_s=20)

        assert (frozen, thawed) == (frozenset(), {1})

    def test_is_not_started_twice(self, cluster: KafkaCluster) -> None:
        cluster.start(1)

        assert len(_brokers_of(cluster.data_folders[0])) == 1


class TestTheStart:
    def test_looks_for_other_ports_when_somebody_took_one_meanwhile(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as somebody:
            taken = somebody.getsockname()[1]
            choices = iter([[taken, *free_ports(1)], free_ports(2)])
            with embedded_cluster(
                nodes=1,
                data=None,
                settings=EmbeddedSettings(),
                choose_ports=lambda _: next(choices),
            ) as (cluster, _):
                assert cluster.bootstrap_servers != f"127.0.0.1:{taken}"
                assert brokers(cluster.bootstrap_servers) == {1}

    def test_gives_up_when_the_time_is_over(self) -> None:
        hurried = EmbeddedSettings(start_timeout_s=0.1)

        with (
            pytest.raises(
                LocalKafkaUnavailable, match=r"Kafka's controller is not ready after 0\.1 s"
            ),
            embedded_cluster(nodes=1, data=None, settings=hurried),
        ):
            pass


class TestTheEnd:
    def test_takes_processes_and_data_with_it_when_the_body_fails(self) -> None:
        folders = []

        def body() -> None:
            with running_kafka(mode="embedded") as cluster:
                folders.extend(cluster.data_folders)
                cluster.pause(1)
                raise RuntimeError("the test fails")

        with pytest.raises(RuntimeError, match="the test fails"):
            body()

        [data] = folders
        assert not _brokers_of(data)
        assert not data.parents[1].exists()

    def test_leaves_data_that_are_to_be_kept(self, tmp_path: Path, unique: str) -> None:
        with running_kafka(mode="embedded", data=tmp_path) as cluster:
            create_topic(cluster.bootstrap_servers, unique)
            write(cluster.bootstrap_servers, unique, [b"kept"])

        with running_kafka(mode="embedded", data=tmp_path) as cluster:
            assert read(cluster.bootstrap_servers, unique, count=1) == [b"kept"]
            with (
                pytest.raises(LocalKafkaUnavailable, match="another Kafka runs on the data"),
                running_kafka(mode="embedded", data=tmp_path),
            ):
                pass

        with (
            pytest.raises(LocalKafkaUnavailable, match="nodes: 1, not 3"),
            running_kafka(mode="embedded", data=tmp_path, nodes=3),
        ):
            pass


def _brokers_of(data: Path) -> list[psutil.Process]:
    properties = str(data.parent / "server.properties")
    processes = psutil.process_iter(["cmdline"])
    return [one for one in processes if properties in (one.info["cmdline"] or ())]

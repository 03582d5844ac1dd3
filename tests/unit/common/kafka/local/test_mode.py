from __future__ import annotations

from pathlib import Path

import pytest

from isthmus.kafka.local.cluster import refuse_impossible
from isthmus.kafka.local.errors import LocalKafkaUnavailable
from isthmus.kafka.local.given import GivenCluster
from isthmus.kafka.local.mode import Kind, Mode, parse_mode


class TestParseMode:
    @pytest.mark.parametrize("kind", [Kind.EMBEDDED, Kind.CONTAINER])
    def test_reads_the_two_words(self, kind: Kind) -> None:
        assert parse_mode(kind) == Mode(kind)

    def test_reads_one_address(self) -> None:
        assert parse_mode("kafka.example:9092") == Mode(Kind.ADDRESS, "kafka.example:9092")

    def test_reads_several_addresses_with_spaces(self) -> None:
        assert parse_mode("10.0.0.1:9092, [::1]:9093").bootstrap_servers == (
            "10.0.0.1:9092,[::1]:9093"
        )

    @pytest.mark.parametrize(
        "text", ["", "docker", "kafka", "kafka:", "kafka:0", "kafka:65536", "a:1,,b:2", "a b:1"]
    )
    def test_refuses_anything_else_and_says_what_to_set(self, text: str) -> None:
        with pytest.raises(LocalKafkaUnavailable) as refusal:
            parse_mode(text)

        assert str(refusal.value) == (
            f"ISTHMUS_KAFKA_MODE is {text!r}."
            " Remedy: set it to embedded, container or host:port[,host:port]"
        )


class TestRefuseImpossible:
    @pytest.mark.parametrize("nodes", [1, 3])
    def test_lets_an_embedded_kafka_have_nodes_and_data(self, nodes: int) -> None:
        refuse_impossible(Kind.EMBEDDED, nodes=nodes, data=Path("kept"))

    @pytest.mark.parametrize(
        ("kind", "nodes", "data"),
        [
            (Kind.EMBEDDED, 2, None),
            (Kind.CONTAINER, 3, None),
            (Kind.CONTAINER, 1, Path("kept")),
            (Kind.ADDRESS, 1, Path("kept")),
        ],
    )
    def test_refuses_what_a_mode_cannot_give(
        self, kind: Kind, nodes: int, data: Path | None
    ) -> None:
        with pytest.raises(LocalKafkaUnavailable, match="Remedy: "):
            refuse_impossible(kind, nodes=nodes, data=data)


class TestGivenCluster:
    @pytest.mark.parametrize("deed", ["kill", "stop", "start", "pause", "resume"])
    def test_does_not_let_itself_be_broken(self, deed: str) -> None:
        cluster = GivenCluster(
            mode="container", bootstrap_servers="127.0.0.1:1", nodes=1, description=""
        )

        assert not cluster.can_be_killed
        with pytest.raises(LocalKafkaUnavailable, match="set ISTHMUS_KAFKA_MODE=embedded"):
            getattr(cluster, deed)(1)

from __future__ import annotations

import pytest

from isthmus.kafka.local import LocalKafkaUnavailable, running_kafka


class TestUnavailable:
    def test_container_says_in_one_line_that_no_engine_answers(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:9")

        with (
            pytest.raises(LocalKafkaUnavailable) as refusal,
            running_kafka(mode="container"),
        ):
            pass

        assert str(refusal.value).startswith("no container of apache/kafka:4.3.1: ")
        assert "Remedy: start a Docker engine that has or can pull the image" in str(refusal.value)
        assert "\n" not in str(refusal.value)

    def test_address_says_in_one_line_that_nobody_answers(self) -> None:
        with (
            pytest.raises(LocalKafkaUnavailable) as refusal,
            running_kafka(mode="127.0.0.1:9"),
        ):
            pass

        assert str(refusal.value) == (
            "the Kafka at 127.0.0.1:9 does not answer."
            " Remedy: correct ISTHMUS_KAFKA_MODE, or set it to embedded"
        )

"""What stops a start instead of a record."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest

from isthmus.core.records import Output, Record, Tables
from isthmus.kafka import loops
from isthmus.kafka.process import Process
from isthmus.ops.configuration import ConfigurationError
from isthmus.ops.settings import (
    KafkaSettings,
    LimitSettings,
    OpsSettings,
    SchemaSettings,
    WorkerSettings,
)
from isthmus.testing.clock import VirtualClock
from isthmus.testing.cluster import FakeCluster

from .codecs import FOLDER


def a_process(*, registry_url: str = "", schemas_dir: Path = FOLDER) -> Process:
    settings = WorkerSettings(
        service="mapper",
        slot=0,
        kafka=KafkaSettings(
            bootstrap_servers="127.0.0.1:1", registry_url=registry_url, registry_timeout_s=2
        ),
        limits=LimitSettings(),
        ops=OpsSettings(),
        schemas=SchemaSettings(schemas_dir=schemas_dir),
    )
    return Process.of(settings, clients=FakeCluster(clock=VirtualClock()))


def nothing(record: Record[msgspec.Struct], tables: Tables) -> Iterable[Output]:
    return []


class TestTheStart:
    def test_needs_no_registry(self) -> None:
        loops.stage(a_process(), nothing)

    def test_is_refused_where_the_registry_does_not_answer(self) -> None:
        with pytest.raises(ConfigurationError, match=r"ISTHMUS_KAFKA_REGISTRY_URL.*Remedy"):
            loops.stage(a_process(registry_url="http://127.0.0.1:1"), nothing)

    def test_is_refused_where_a_topic_has_no_schema(self, tmp_path: Path) -> None:
        (tmp_path / "topics.yaml").write_bytes((FOLDER / "topics.yaml").read_bytes())
        (tmp_path / "avro").mkdir()

        with pytest.raises(ConfigurationError, match=r"holds no \.avsc"):
            a_process(schemas_dir=tmp_path)

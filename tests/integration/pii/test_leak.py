"""No buyer in the clear: not in a record of any topic, nor in what the workers write down."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
import pytest
from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from tests.integration.pii.search import described, leaks, personal_texts

ISTHMUSCTL: Final = Path(sys.executable).parent / "isthmusctl"
WAIT_S: Final = 240.0
SCRATCH: Final = "leak-test.scratch"
# The simulated ends hold the truth; the rest of the folder is what ours wrote.
NOT_OURS: Final = frozenset({"amazon", "netsuite", "secrets"})


@dataclass(frozen=True)
class Flow:
    """A run of the demo that has ended its story and still stands."""

    amazon: str
    kafka: str
    folder: Path

    def planted(self) -> set[str]:
        """Ask the simulated Amazon who its buyers are."""
        with httpx.Client(base_url=self.amazon, trust_env=False, timeout=30) as http:
            listed = http.get("/_control/orders").json()
            orders = [http.get(f"/_control/orders/{one['order_id']}").json() for one in listed]
        return {text for order in orders for text in personal_texts(order["document"])}

    def records(self) -> dict[str, bytes]:
        """Read every topic, Kafka's own included, aborted records included."""
        settings = {
            "bootstrap.servers": self.kafka,
            "group.id": "leak-test",
            "isolation.level": "read_uncommitted",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
        }
        found: dict[str, bytes] = {}
        with closing(Consumer(settings)) as consumer:
            topics = consumer.list_topics(timeout=30).topics
            places = [
                TopicPartition(name, partition, 0)
                for name, topic in topics.items()
                for partition in topic.partitions
            ]
            consumer.assign(places)
            open_places, until = len(places), time.monotonic() + WAIT_S
            while open_places and time.monotonic() < until:
                for message in consumer.consume(1000, 1):
                    if (error := message.error()) is None:
                        place = f"{message.topic()}/{message.partition()}/{message.offset()}"
                        found[place] = described(message)
                    elif error.code() == KafkaError._PARTITION_EOF:
                        open_places -= 1
        assert open_places <= 0, "not all of Kafka was read"
        return found

    def files(self) -> dict[str, bytes]:
        """Read what the workers wrote: logs, tables, configuration."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in self.folder.rglob("*")
            if path.is_file() and path.relative_to(self.folder).parts[0] not in NOT_OURS
        }


@pytest.fixture(scope="module")
def flow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flow]:
    """Run orders, faults, kills and dead letters, and keep what is left."""
    folder = tmp_path_factory.mktemp("leak") / "run"
    told = folder.parent / "told"
    command = [str(ISTHMUSCTL), "demo", "--orders=40", "--keep", f"--run-dir={folder}"]
    with told.open("wb") as file, subprocess.Popen(command, stdout=file, stderr=file) as demo:
        try:
            yield _standing(demo, told, folder)
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait(60)


def _standing(demo: subprocess.Popen[bytes], told: Path, folder: Path) -> Flow:
    until = time.monotonic() + WAIT_S
    while "Ctrl-C" not in (text := told.read_text()):
        assert demo.poll() is None, text
        assert time.monotonic() < until, text
        time.sleep(0.2)
    kept = " ".join(text.split("kept:")[1].split())
    amazon = re.search(r"Amazon (http://[\d.:]+)", kept)
    kafka = re.search(r"Kafka ([\w.:]+)", kept)
    assert amazon is not None, kept
    assert kafka is not None, kept
    return Flow(amazon=amazon[1], kafka=kafka[1], folder=folder)


@pytest.mark.kafka
@pytest.mark.timeout(600)
class TestPersonalData:
    def test_is_in_no_record(self, flow: Flow) -> None:
        planted, records = flow.planted(), flow.records()

        assert len(planted) >= 20
        assert any(".dlq/" in place for place in records)
        assert leaks(planted, records) == {}

    def test_is_in_no_file_of_the_workers(self, flow: Flow) -> None:
        planted, files = flow.planted(), flow.files()

        assert any(path.endswith((".log", "log")) for path in files), sorted(files)
        assert leaks(planted, files) == {}

    def test_would_be_found(self, flow: Flow) -> None:
        text = sorted(flow.planted())[0]
        admin = AdminClient({"bootstrap.servers": flow.kafka})
        created = admin.create_topics([NewTopic(SCRATCH, 1, 1)])
        created[SCRATCH].result(60)
        producer = Producer({"bootstrap.servers": flow.kafka, "compression.type": "lz4"})
        producer.produce(SCRATCH, value=f'{{"name": "{text}"}}'.encode())
        assert producer.flush(60) == 0

        found = leaks([text], flow.records())

        assert any(place.startswith(f"{SCRATCH}/") for place in found)

"""No buyer in the clear: not in a record of any topic, nor in what the workers write down or show.

The workers log at DEBUG and trace everything.
"""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote_plus

import httpx
import psutil
import pytest
from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from tests.integration.pii.search import described, leaks, personal_texts

ISTHMUSCTL: Final = Path(sys.executable).parent / "isthmusctl"
WAIT_S: Final = 240.0
SCRATCH: Final = "leak-test.scratch"
LETTERS_MAX: Final = 3
# The simulated ends hold the truth; the rest of the folder is what ours wrote.
NOT_OURS: Final = frozenset({"amazon", "netsuite", "secrets"})


DESKS: Final = (("amazon.orders", "mapper"), ("netsuite.order-commands", "netsuite-writer"))


class Collector(BaseHTTPRequestHandler):
    """Keeps what the workers' tracing sends."""

    bodies: Final[list[bytes]] = []

    def do_POST(self) -> None:
        self.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@dataclass(frozen=True)
class Flow:
    """A run of the demo that has ended its story and still stands."""

    amazon: str
    kafka: str
    folder: Path
    process: psutil.Process
    metrics: dict[str, bytes]

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

    def segments(self) -> dict[str, bytes]:
        """Read the files in which the broker keeps its records, as they lie on the disk."""
        [properties] = [
            Path(word)
            for child in self.process.children(recursive=True)
            for word in child.cmdline()
            if word.endswith("node-1/server.properties")
        ]
        found = (properties.parent / "data").rglob("*.log")
        return {f"{path.parent.name}/{path.name}": path.read_bytes() for path in found}

    def desks(self) -> dict[str, bytes]:
        """Look at the dead letters as an operator does: at all of them, and at some."""
        shown = {}
        for topic, group in DESKS:
            desk = ("--topic", topic, "--group", group)
            shown[f"list {topic}"] = self._isthmusctl("list", *desk)
            letters = [
                place for place in self.records() if place.startswith(f"{topic}.{group}.dlq")
            ]
            for letter in letters[:LETTERS_MAX]:
                _, _, place = letter.partition("/")
                shown[f"show {letter}"] = self._isthmusctl("show", *desk, place)
        return shown

    def _isthmusctl(self, *words: str) -> bytes:
        environment = {
            **os.environ,  # noqa: TID251 - passed on, not read
            "ISTHMUS_KAFKA_BOOTSTRAP_SERVERS": self.kafka,
            "COLUMNS": "1000",
        }
        command = [str(ISTHMUSCTL), "dlq", *words]
        return subprocess.run(command, env=environment, capture_output=True, check=True).stdout


@pytest.fixture(scope="module")
def collector() -> Iterator[str]:
    """Give the address of a collector of traces."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/v1/traces"
        server.shutdown()
        thread.join(10)


@pytest.fixture(scope="module")
def flow(tmp_path_factory: pytest.TempPathFactory, collector: str) -> Iterator[Flow]:
    """Run orders, faults, kills and dead letters, and keep what is left."""
    folder = tmp_path_factory.mktemp("leak") / "run"
    told = folder.parent / "told"
    command = [str(ISTHMUSCTL), "demo", "--orders=40", "--keep", f"--run-dir={folder}"]
    environment = {
        **os.environ,  # noqa: TID251 - passed on, not read
        "ISTHMUS_LOG_LEVEL": "DEBUG",
        "ISTHMUS_OTLP_ENDPOINT": collector,
    }
    with (
        told.open("wb") as file,
        subprocess.Popen(command, stdout=file, stderr=file, env=environment) as demo,
    ):
        try:
            yield _standing(demo, told, folder)
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait(60)


def _standing(demo: subprocess.Popen[bytes], told: Path, folder: Path) -> Flow:
    until, metrics = time.monotonic() + WAIT_S, dict[str, bytes]()
    while "Ctrl-C" not in (text := told.read_text()):
        assert demo.poll() is None, text
        assert time.monotonic() < until, text
        metrics |= _scraped(folder)
        time.sleep(1)
    kept = " ".join(text.split("kept:")[1].split())
    amazon = re.search(r"Amazon (http://[\d.:]+)", kept)
    kafka = re.search(r"Kafka ([\w.:]+)", kept)
    assert amazon is not None, kept
    assert kafka is not None, kept
    return Flow(amazon[1], kafka[1], folder, psutil.Process(demo.pid), metrics)


def _scraped(folder: Path) -> dict[str, bytes]:
    """Ask each worker that runs for its metrics."""
    shown = {}
    for log in folder.glob("*/*.log"):
        started = [line for line in log.read_text().splitlines() if '"http_port"' in line]
        with suppress(httpx.HTTPError, ValueError):
            for line in started[-1:]:
                port = json.loads(line)["http_port"]
                shown[log.parent.name] = httpx.get(f"http://127.0.0.1:{port}/metrics").content
    return shown


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

    def test_is_in_no_segment_of_the_broker(self, flow: Flow) -> None:
        planted, segments = flow.planted(), flow.segments()

        assert sum(map(len, segments.values())) > 100_000
        assert leaks(planted, segments) == {}

    def test_is_not_shown_by_metrics_traces_and_the_tool_for_dead_letters(self, flow: Flow) -> None:
        planted, metrics, desks = flow.planted(), flow.metrics, flow.desks()
        traces = {str(number): body for number, body in enumerate(Collector.bodies)}

        assert len(metrics) >= 4
        assert any(b"amazon.orders process" in body for body in traces.values())
        assert any(place.startswith("show") for place in desks)
        assert leaks(planted, {**metrics, **desks, **traces}) == {}

    def test_would_be_found(self, flow: Flow) -> None:
        text = sorted(flow.planted())[0]
        admin = AdminClient({"bootstrap.servers": flow.kafka})
        created = admin.create_topics([NewTopic(SCRATCH, 1, 1)])
        created[SCRATCH].result(60)
        for codec in ("lz4", "none"):
            producer = Producer({"bootstrap.servers": flow.kafka, "compression.type": codec})
            producer.produce(SCRATCH, value=f'{{"name": "{text}"}}'.encode())
            assert producer.flush(60) == 0

        found, on_disk = leaks([text], flow.records()), leaks([text], flow.segments())

        assert {f"{SCRATCH}/0/0", f"{SCRATCH}/0/1"} <= found.keys()
        assert f"{SCRATCH}-0/00000000000000000000.log" in on_disk

    @pytest.mark.parametrize(
        "written",
        [
            lambda text: text.encode("utf-16-be"),
            lambda text: base64.b64encode(b"xy" + text.encode() + b"z"),
            lambda text: json.dumps({"name": text}).encode(),
            lambda text: quote_plus(text).encode(),
        ],
        ids=["wide", "base64", "escaped", "quoted"],
    )
    def test_would_be_found_in_other_clothes(self, written: Callable[[str], bytes]) -> None:
        text = "Zoë van der Fürstenberg"

        assert leaks([text], {"place": b"before " + written(text) + b" after"}) == {"place": [text]}
        assert leaks([text], {"place": written("somebody else of that length")}) == {}

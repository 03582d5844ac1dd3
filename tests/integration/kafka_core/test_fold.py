"""A stage of whole groups on a real Kafka, killed between the members and in the transaction."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from confluent_kafka import Consumer

from isthmus.kafka.local import KafkaCluster
from isthmus.kafka.local.properties import free_ports
from isthmus.messages.netsuite import Item
from isthmus.ops.settings import KafkaSettings
from tests.crash.grid import Fault, State
from tests.integration.ops.world import COMMANDS, STAGE, World

from .folding import WORKER

WAIT_S = 90.0


class Folding:
    """The process, and what it serves."""

    def __init__(self, world: World, folder: Path) -> None:
        (self.port,) = free_ports(1)
        environment = {
            **os.environ,  # noqa: TID251 - passed on, not read
            "ISTHMUS_SERVICE": STAGE,
            "ISTHMUS_SLOT": "0",
            "ISTHMUS_TOPIC_PREFIX": world.prefix,
            "ISTHMUS_SCHEMAS_DIR": str(world.schemas_dir),
            "ISTHMUS_HTTP_PORT": str(self.port),
            "ISTHMUS_KAFKA_BOOTSTRAP_SERVERS": world.kafka.bootstrap_servers,
            "ISTHMUS_KAFKA_SESSION_TIMEOUT_S": "6",
            "ISTHMUS_KAFKA_TRANSACTION_TIMEOUT_S": "15",
            "ISTHMUS_KAFKA_MAX_POLL_INTERVAL_S": "30",
        }
        command = [sys.executable, "-m", "tests.integration.kafka_core.folding", str(folder)]
        self.process = subprocess.Popen(command, env=environment)

    def waits_for_groups(self, number: int) -> bool:
        """Tell whether the process says that so many groups are open."""
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.port}/metrics", timeout=5
            ) as answer:
                lines = answer.read().decode().splitlines()
        except OSError:
            return False
        name = "isthmus_kafka_open_groups{"
        return sum(float(line.split()[-1]) for line in lines if line.startswith(name)) == number


@contextmanager
def folding(world: World, folder: Path) -> Iterator[Folding]:
    worker = Folding(world, folder)
    try:
        yield worker
    finally:
        worker.process.kill()
        worker.process.wait()


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def outputs(world: World, *, count: int) -> list[tuple[str, str]]:
    """Read so many committed outputs, and look whether there are more."""
    codec = world.process(STAGE).codec
    consumer = Consumer(
        {
            "bootstrap.servers": world.kafka.bootstrap_servers,
            "group.id": "outputs",
            "isolation.level": "read_committed",
        }
    )
    places = world.places(COMMANDS)
    for place in places:
        place.offset = 0
    consumer.assign(places)
    found, deadline = [], time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        messages = consumer.consume(100, 2.0)
        if not messages and len(found) >= count:
            break
        for message in messages:
            value = codec.decode(f"{world.prefix}{COMMANDS}", message.value() or b"")
            assert isinstance(value, Item)
            found.append(((message.key() or b"").decode(), value.sku))
    consumer.close()
    return sorted(found)


@pytest.mark.kafka
@pytest.mark.crash
@pytest.mark.timeout(300)
class TestAFold:
    def test_loses_and_doubles_no_group_when_it_is_killed(
        self, kafka: KafkaCluster, tmp_path: Path, unique: str
    ) -> None:
        settings = KafkaSettings(bootstrap_servers=kafka.bootstrap_servers)
        world = World.made(settings, folder=tmp_path, prefix=f"{unique}.")
        world.put(("a", "a1"), ("b", "b1"), ("a", "a2"), ("b", "b2"))

        with folding(world, tmp_path) as between_members:
            wait_for(lambda: between_members.waits_for_groups(2))
        with folding(world, tmp_path) as in_the_transaction:
            wait_for(lambda: in_the_transaction.waits_for_groups(2))
            (tmp_path / f"armed-{WORKER}").write_text(f"{State.TRANSACTION_OPEN} {Fault.KILL}")
            world.put(("a", "a3"))
            in_the_transaction.process.wait(WAIT_S)
        with folding(world, tmp_path):
            world.put(("b", "b3"), ("c", "c1"))
            found = outputs(world, count=2)

        assert (tmp_path / f"hit-{WORKER}").exists()
        assert found == [("acme/a", "a1+a2+a3"), ("acme/b", "b1+b2+b3")]

"""Apache Kafka as a subject."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any

from confluent_kafka import TopicPartition
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # exported silently
    AdminClient,
    NewPartitions,
    NewTopic,
)

from isthmus.kafka.clients import Admin, Consumer, Producer, Settings
from isthmus.kafka.real_clients import CONFLUENT

_TIMEOUT_S = 15.0


class RealClients:
    """The clients of production, at this cluster."""

    def __init__(self, bootstrap_servers: str) -> None:
        self.common: dict[str, Any] = {"bootstrap.servers": bootstrap_servers, "log_level": 0}
        self._consumers: list[Consumer] = []

    def consumer(self, settings: Settings) -> Consumer:
        made = CONFLUENT.consumer({**self.common, **settings})
        self._consumers.append(made)
        return made

    def producer(self, settings: Settings) -> Producer:
        return CONFLUENT.producer({**self.common, **settings})

    def admin(self, settings: Settings) -> Admin:
        return CONFLUENT.admin({**self.common, **settings})

    def close(self) -> None:
        consumers, self._consumers = self._consumers, []
        for consumer in consumers:
            # Closing calls on_revoke, where a test may have planted an error.
            with suppress(Exception):
                consumer.close()


class RealSubject:
    """Real time: a ``wait`` is a wait."""

    def __init__(self, bootstrap_servers: str, folder: Path) -> None:
        self._folder = folder
        self.clients = RealClients(bootstrap_servers)
        self._admin = AdminClient(self.clients.common)
        self._doomed: list[RealDoomed] = []
        self.filler = self.clients.producer(
            {"transactional.id": self.name("filler"), "linger.ms": 0, "retry.backoff.ms": 1}
        )
        self.filler.init_transactions(_TIMEOUT_S)

    def create_topic(self, partitions: int = 1, **config: str | int) -> str:
        name = self.name("topic")
        settings = {key.replace("_", "."): str(value) for key, value in config.items()}
        created = self._admin.create_topics([NewTopic(name, partitions, 1, config=settings)])
        created[name].result(_TIMEOUT_S)
        return name

    def grow_topic(self, topic: str, partitions: int) -> None:
        grown = self._admin.create_partitions([NewPartitions(topic, partitions)])
        grown[topic].result(_TIMEOUT_S)

    def drop_before(self, topic: str, partition: int, offset: int) -> None:
        deleted = self._admin.delete_records([TopicPartition(topic, partition, offset)])
        for future in deleted.values():
            future.result(_TIMEOUT_S)

    def now(self) -> float:
        return time.monotonic()

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)

    def doomed(self, settings: Settings, topics: list[str]) -> RealDoomed:
        diary = self._folder / self.name("doomed")
        doomed = RealDoomed({**self.clients.common, **settings}, topics, diary)
        self._doomed.append(doomed)
        return doomed

    def name(self, prefix: str) -> str:
        return f"{prefix}-{uuid.uuid4().hex[:12]}"

    def clear(self) -> None:
        """Close what a test has opened."""
        doomed_ones, self._doomed = self._doomed, []
        for doomed in doomed_ones:
            doomed.kill()
        self.clients.close()


class RealDoomed:
    """A member in a process of its own, which writes down the calls of its callbacks."""

    def __init__(self, settings: Settings, topics: list[str], diary: Path) -> None:
        program = Path(__file__).with_name("doomed_process.py")
        self._diary = diary
        self._diary.touch()
        self._process = subprocess.Popen(
            [sys.executable, str(program), json.dumps([settings, topics, str(diary)])]
        )

    def serve(self) -> None:
        """Let it run: it polls by itself."""

    def calls(self) -> list[str]:
        return self._diary.read_text().split()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        self._process.send_signal(signal.SIGCONT)

"""Puts the demo together, and takes it apart again, whatever happens."""

from __future__ import annotations

import secrets
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import wait
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from confluent_kafka.admin import AdminClient
from rich.console import Console

from isthmus.cli.demo import cast, scene
from isthmus.cli.demo.ends import Amazon, NetSuite
from isthmus.cli.demo.folder import claimed
from isthmus.cli.demo.narrator import Narrator
from isthmus.cli.demo.scene import Scene
from isthmus.cli.demo.story import Story
from isthmus.cli.demo.supervisor import Collapsed, Program, Supervisor, last_lines, launch
from isthmus.cli.demo.table import show
from isthmus.cli.demo.tail import Tail
from isthmus.cli.demo.verdict import verdict
from isthmus.kafka import client_settings, topics
from isthmus.kafka.codecs import codec_for
from isthmus.kafka.local import KafkaCluster, running_kafka
from isthmus.kafka.local.guard import Child, Guard
from isthmus.kafka.local.mode import Kind
from isthmus.ops.clock import Clock, SystemClock
from isthmus.ops.kafka_settings import KafkaSettings
from isthmus.ops.settings import LocalKafkaSettings, SchemaSettings, load

END_S: Final = 3.0
TOOL_S: Final = 60.0
CALL_S: Final = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What was asked for on the command line."""

    orders: int
    clock_factor: float
    seed: int
    keep: bool
    folder: Path


def perform(wishes: Wishes, console: Console) -> int:
    """Run the demo, print the verdict, and return the exit code.

    :raises LocalKafkaUnavailable: there is no Kafka to be had.
    :raises NotOurs: the folder is in use.
    :raises NoSandbox: an end does not come up.
    :raises Collapsed: a worker cannot be kept running, or nothing happens.
    """
    clock = SystemClock()
    with (
        claimed(wishes.folder) as folder,
        console.status("starting") as status,
        Guard(patience_s=END_S) as guard,
        ExitStack() as open_things,
    ):
        narrator = Narrator(console, clock, status)
        scenery = Scene(folder=folder, clock_factor=wishes.clock_factor, seed=wishes.seed)
        # They come up while Kafka does.
        ends = _launched(scenery, guard)
        kafka = open_things.enter_context(running_kafka(mode=load(LocalKafkaSettings).mode))
        narrator.step(f"{kafka.description} is up")
        stage = Stage(
            scene=scenery,
            kafka=kafka.bootstrap_servers,
            prefix=open_things.enter_context(_prefix(kafka)),
            # A guard of their own: they end before Kafka does.
            guard=open_things.enter_context(Guard(patience_s=END_S)),
            clock=clock,
            narrator=narrator,
            open_things=open_things,
        )
        stage.run_tool("topics", "apply", "--replication", "1")
        narrator.step("topics are there")
        return stage.play(ends, wishes, console)


@contextmanager
def _prefix(kafka: KafkaCluster) -> Iterator[str]:
    """Give topics names of their own on a Kafka that is not ours, and remove them at the end."""
    if kafka.mode != Kind.ADDRESS:
        yield ""
        return
    prefix = f"demo-{secrets.token_hex(4)}."
    try:
        yield prefix
    finally:
        admin = AdminClient(
            client_settings.connection(KafkaSettings(bootstrap_servers=kafka.bootstrap_servers))
        )
        known = admin.list_topics(timeout=CALL_S).topics
        if ours := [name for name in known if name.startswith(prefix)]:
            wait(admin.delete_topics(ours, request_timeout=CALL_S).values(), timeout=CALL_S)


def _launched(scenery: Scene, guard: Guard) -> list[tuple[Program, Child]]:
    amazon = scene.amazon(scenery)
    started = [(amazon, launch(guard, amazon))]
    scenery.prepare()
    netsuite = scene.netsuite(scenery)
    return [*started, (netsuite, launch(guard, netsuite))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What the parts of a run are started with."""

    scene: Scene
    kafka: str
    prefix: str
    guard: Guard
    clock: Clock
    narrator: Narrator
    open_things: ExitStack

    def play(self, ends: Sequence[tuple[Program, Child]], wishes: Wishes, console: Console) -> int:
        """Run the story between the ends, and judge it."""
        amazon, netsuite = self._connected(ends)
        story = Story(
            amazon=amazon,
            netsuite=netsuite,
            supervisor=Supervisor(self.guard, self.clock),
            tail=self._tail(),
            clock=self.clock,
            narrator=self.narrator,
            orders=wishes.orders,
            seed=wishes.seed,
        )
        story.set_up()
        workers = cast.workers(self.scene, kafka=self._variables, amazon=amazon, netsuite=netsuite)
        evidence = story.play(workers)
        seconds = self.narrator.seconds
        self.narrator.status.stop()
        found = verdict(evidence)
        show(console, found, evidence, clock_factor=wishes.clock_factor, seconds=seconds)
        if wishes.keep:
            self._keep(console, amazon, netsuite)
        return found.exit_code

    def run_tool(self, *arguments: str) -> None:
        """Run isthmusctl.

        :raises Collapsed: it failed, or took too long.
        """
        program = cast.tool(self.scene, *arguments, kafka=self._variables)
        child = launch(self.guard, program)
        until = self.clock.monotonic() + TOOL_S
        while child.poll() is None and self.clock.monotonic() < until:
            self.clock.sleep(0.05)
        if child.poll() != 0:
            raise Collapsed(f"isthmusctl {' '.join(arguments)}:\n{last_lines(program.log)}")

    @property
    def _variables(self) -> dict[str, str]:
        return {
            "ISTHMUS_KAFKA_BOOTSTRAP_SERVERS": self.kafka,
            "ISTHMUS_TOPIC_PREFIX": self.prefix,
        }

    def _connected(self, ends: Sequence[tuple[Program, Child]]) -> tuple[Amazon, NetSuite]:
        amazon_port, netsuite_port = scene.ports(ends, self.clock)
        amazon, netsuite = Amazon("Amazon", amazon_port), NetSuite("NetSuite", netsuite_port)
        self.open_things.enter_context(closing(amazon))
        self.open_things.enter_context(closing(netsuite))
        self.narrator.step(f"Amazon at {amazon.address}, NetSuite at {netsuite.address}")
        return amazon, netsuite

    def _tail(self) -> Tail:
        schemas_dir = load(SchemaSettings).schemas_dir
        topology = topics.load(schemas_dir / "topics.yaml").renamed(self.prefix)
        kafka = KafkaSettings(bootstrap_servers=self.kafka)
        codec = codec_for(topology, schemas_dir=schemas_dir, kafka=kafka)
        tail = Tail(kafka, topology, codec)
        self.open_things.enter_context(closing(tail))
        return tail

    def _keep(self, console: Console, amazon: Amazon, netsuite: NetSuite) -> None:
        console.print(f"kept: Amazon {amazon.address}/  NetSuite {netsuite.address}/")
        console.print(f"      Kafka {self.kafka}  logs {self.scene.folder}")
        console.print("Ctrl-C or `make down` ends it")
        with _until_interrupted():
            signal.pause()


@contextmanager
def _until_interrupted() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        return

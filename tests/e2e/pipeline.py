"""All services between the two simulated ends, on topics of their own."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from isthmus.cli.demo import scene
from isthmus.cli.demo.ends import Amazon, NetSuite
from isthmus.cli.demo.scene import PATHS, Scene, script
from isthmus.cli.demo.supervisor import Program, launch
from isthmus.kafka import client_settings, headers, topics, whole
from isthmus.kafka.codec import Codec
from isthmus.kafka.codecs import codec_for
from isthmus.kafka.local import KafkaCluster
from isthmus.kafka.local.guard import Guard
from isthmus.kafka.physical import Role, physical_topics
from isthmus.kafka.provisioning import provisioner
from isthmus.kafka.reader import Reader
from isthmus.kafka.real_clients import CONFLUENT
from isthmus.kafka.topology import Topology
from isthmus.ops.clock import SystemClock
from isthmus.ops.settings import KafkaSettings

SCHEMAS: Final = Path(__file__).parents[2] / "schemas"
CLOCK_FACTOR: Final = 60.0
SERVICES: Final = ("amazon-ingest", "inventory-publisher", "mapper", "netsuite-writer")
LOOK_S: Final = 60.0
END_S: Final = 5.0

Yaml = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Sellers:
    """What a run is configured with.

    :param accounts: the file of accounts.
    :param credentials: which of the simulated Amazon's accounts each of them logs in as.
    :param mappings: by account; ``charge_items`` are added.
    :param charges: names of the items for charges, by kind.
    :param currencies: NetSuite's ids.
    """

    accounts: Yaml
    credentials: Mapping[str, str]
    mappings: Mapping[str, Yaml]
    charges: Mapping[str, str]
    currencies: Mapping[str, str]


@dataclass(frozen=True)
class DeadLetter:
    """A dead letter of any service, as people see it."""

    topic: str
    key: str
    reason: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Pipeline:
    """The ends of a run, and its dead letters."""

    amazon: Amazon
    netsuite: NetSuite
    folder: Path
    kafka: KafkaSettings
    topology: Topology
    codec: Codec

    def dead_letters(self) -> list[DeadLetter]:
        """Return all of all services."""
        names = {one.name: one for one in physical_topics(self.topology) if one.role is Role.DLQ}
        connection = client_settings.connection(self.kafka)
        consumer = CONFLUENT.consumer(client_settings.table_consumer(self.kafka, group="look"))
        with closing(consumer):
            reader = Reader(consumer, lambda: CONFLUENT.admin(connection))
            places: dict[tuple[str, int], int] = {}
            for name, topic in names.items():
                places |= whole.from_beginning(name, range(topic.partitions))
            found = whole.read_whole(reader, places, clock=SystemClock(), bound_s=LOOK_S)
        letters = []
        for message in found:
            values = headers.last_values(message.headers())
            letters.append(
                DeadLetter(
                    topic=self.topology.logical(message.topic() or ""),
                    key=(message.key() or b"").decode(),
                    reason=headers.text(values, headers.REASON_CLASS) or "",
                    message=headers.text(values, headers.MESSAGE) or "",
                )
            )
        return letters

    def logs(self) -> str:
        """Return the last words of every service."""
        paths = sorted(self.folder.glob("*-0/console.log"))
        return "\n".join(f"{path}:\n{path.read_text()[-1500:]}" for path in paths)


def eventually(is_so: Callable[[], object], *, within_s: float, told: Callable[[], str]) -> None:
    """Wait until something is so, within a generous bound."""
    until = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < until, told()
        time.sleep(0.5)


@contextmanager
def running_pipeline(
    cluster: KafkaCluster,
    sellers: Sellers,
    *,
    folder: Path,
    amazon_options: Sequence[str],
    skus: Sequence[str],
) -> Iterator[Pipeline]:
    """Run everything during the block; orders are swept as soon as it begins.

    :param skus: the items of NetSuite.
    """
    clock = SystemClock()
    stage = Scene(folder=folder, clock_factor=CLOCK_FACTOR, seed=1)
    with ExitStack() as open_things:
        guard = open_things.enter_context(Guard(patience_s=END_S))
        shown = _with_options(scene.amazon(stage), amazon_options)
        stage.prepare()
        ends = [(one, launch(guard, one)) for one in (shown, scene.netsuite(stage))]
        topology = topics.load(SCHEMAS / "topics.yaml").renamed(f"{folder.name}.").replicated(1)
        kafka = KafkaSettings(bootstrap_servers=cluster.bootstrap_servers)
        with provisioner(kafka) as tool:
            tool.apply(topology)
        amazon_port, netsuite_port = scene.ports(ends, clock)
        pipeline = Pipeline(
            amazon=open_things.enter_context(closing(Amazon("Amazon", amazon_port))),
            netsuite=open_things.enter_context(closing(NetSuite("NetSuite", netsuite_port))),
            folder=folder,
            kafka=kafka,
            topology=topology,
            codec=codec_for(topology, schemas_dir=SCHEMAS, kafka=kafka),
        )
        pipeline.netsuite.add_items(skus)
        for program in _programs(stage, pipeline, sellers):
            launch(guard, program)
        yield pipeline


def _with_options(program: Program, options: Sequence[str]) -> Program:
    name, *more = program.arguments
    return Program(
        name=program.name,
        slot=program.slot,
        script=program.script,
        arguments=(name, *options, *more),
        environment=program.environment,
        folder=program.folder,
    )


def _programs(stage: Scene, pipeline: Pipeline, sellers: Sellers) -> Iterator[Program]:
    own = {
        "amazon-ingest": _amazon(stage, pipeline.amazon, sellers),
        "inventory-publisher": {
            "ISTHMUS_POLL_ACCOUNTS": json.dumps(list(sellers.mappings)),
            **_netsuite(stage, pipeline.netsuite),
        },
        "mapper": {"ISTHMUS_MAPPING_DIR": _mappings(stage, pipeline.netsuite, sellers)},
        "netsuite-writer": {
            "ISTHMUS_WRITER_CURRENCIES": json.dumps(sellers.currencies),
            **_netsuite(stage, pipeline.netsuite),
        },
    }
    for name in SERVICES:
        environment = {
            **PATHS,
            "ISTHMUS_KAFKA_BOOTSTRAP_SERVERS": pipeline.kafka.bootstrap_servers,
            "ISTHMUS_TOPIC_PREFIX": pipeline.topology.prefix,
            "ISTHMUS_SCHEMAS_DIR": str(SCHEMAS),
            "ISTHMUS_SLOT": "0",
            "ISTHMUS_HTTP_PORT": "0",
            "ISTHMUS_CLOCK_FACTOR": f"{CLOCK_FACTOR:g}",
            "ISTHMUS_MASTER_KEY_FILE": str(stage.master_key),
            **own[name],
        }
        yield Program(
            name=name,
            slot=0,
            script=script(name),
            environment=environment,
            folder=stage.folder / f"{name}-0",
        )


def _amazon(stage: Scene, amazon: Amazon, sellers: Sellers) -> dict[str, str]:
    refused = stage.folder / "refused"
    refused.mkdir()
    known = {account["name"]: account for account in amazon.accounts()}
    variables = {
        "ISTHMUS_ACCOUNTS_PATH": str(stage.write("config/accounts.yaml", sellers.accounts)),
        "ISTHMUS_REFUSED_DIR": str(refused),
        "ISTHMUS_AMAZON_ENDPOINT": amazon.address,
        "ISTHMUS_AMAZON_TOKEN_ENDPOINT": f"{amazon.address}/auth/o2/token",
    }
    for name, login in sellers.credentials.items():
        prefix = f"ISTHMUS_AMAZON_{name.replace('-', '_').upper()}"
        for field in ("client_id", "client_secret", "refresh_token"):
            variables[f"{prefix}_{field.upper()}"] = known[login][field]
    return variables


def _netsuite(stage: Scene, netsuite: NetSuite) -> dict[str, str]:
    folder = stage.netsuite_credentials
    integration = yaml.safe_load((folder / "integration.yaml").read_text())
    return {
        "ISTHMUS_NETSUITE_BASE_URL": netsuite.address,
        "ISTHMUS_NETSUITE_CLIENT_ID": integration["client_id"],
        "ISTHMUS_NETSUITE_CERTIFICATE_ID": integration["certificates"][0]["id"],
        "ISTHMUS_NETSUITE_PRIVATE_KEY_FILE": str(folder / "private-key.pem"),
        "ISTHMUS_NETSUITE_CONCURRENCY": "4",
    }


def _mappings(stage: Scene, netsuite: NetSuite, sellers: Sellers) -> str:
    ids = netsuite.add_items(list(sellers.charges.values()))
    charges = {kind: {"id": ids[name], "name": name} for kind, name in sellers.charges.items()}
    for account, mapping in sellers.mappings.items():
        stage.write(f"config/mappings/{account}.yaml", {**mapping, "charge_items": charges})
    return str(stage.folder / "config" / "mappings")

"""The pages of docs/reference, made from the code and from schemas/topics.yaml.

``python -m tests.contract.docs.reference`` writes them anew.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Final, TypeVar

from isthmus.kafka import topics
from isthmus.kafka.local.settings import EmbeddedSettings
from isthmus.kafka.physical import PhysicalTopic, Role, physical_topics
from isthmus.kafka.topology import FOREVER, Cleanup, Topic, Topology
from isthmus.ops import declared
from isthmus.ops.environment import table
from isthmus.ops.metrics import Metrics
from isthmus.ops.settings import LocalKafkaSettings, WorkerSettings

ROOT: Final = Path(__file__).resolve().parents[3]
FOLDER: Final = ROOT / "docs" / "reference"
COMMAND: Final = ".venv/bin/python -m tests.contract.docs.reference"
NOTE: Final = (
    f"<!-- Made from {{source}} by `{COMMAND}`; a test fails when it is stale. Do not edit. -->"
)
T = TypeVar("T")

UNITS: Final = ((86_400_000, "d"), (3_600_000, "h"))


def pages() -> Mapping[Path, str]:
    """Return every page as it must be now."""
    return {
        FOLDER / "settings.md": settings_page(),
        FOLDER / "metrics.md": metrics_page(),
        FOLDER / "topics.md": topics_page(),
    }


def settings_page() -> str:
    """Return the variables of every program."""
    core = table(WorkerSettings)
    parts = [
        NOTE.format(source="the settings classes"),
        "# Settings\n",
        "Programs read their settings from the environment, once, when they start. Any variable"
        " `X` may also be given as `X_FILE`, the path of a file that holds the value: this is how"
        " secrets are mounted. What is missing or wrong stops the start with exit code 78; the"
        " message names every variable concerned, and the remedy.\n",
        "## Every worker\n",
        "A service sets `ISTHMUS_SERVICE` itself.\n",
        core,
    ]
    for module in _modules("settings"):
        for settings in _defined_in(module, WorkerSettings):
            parts += [f"## Only {_service(module)}\n", _own_rows(table(settings), core)]
    parts += [
        "## The local Kafka of tests and the demo\n",
        "Services never read these.\n",
        _joined(table(one) for one in (LocalKafkaSettings, EmbeddedSettings)),
    ]
    return "\n".join(parts)


def metrics_page() -> str:
    """Return the metrics of every program."""
    core = declared.table(Metrics)
    parts = [
        NOTE.format(source="the metrics classes"),
        "# Metrics\n",
        "Served for Prometheus at `/metrics`, on the port `ISTHMUS_HTTP_PORT`. No label holds an"
        " order, a key, an offset or a message.\n",
        "## Every worker\n",
        core,
    ]
    for module in _modules("metrics"):
        for metrics in _defined_in(module, Metrics):
            own = _own_rows(declared.table(metrics), core)
            parts += [f"## Only {_service(module)}\n", own]
    return "\n".join(parts)


def topics_page() -> str:
    """Return who writes and who reads what."""
    topology = topics.load(ROOT / "schemas" / "topics.yaml")
    defaults = topology.defaults
    return "\n".join(
        [
            NOTE.format(source="schemas/topics.yaml"),
            "# Topics\n",
            f"Replication {defaults.replication}, at least {defaults.min_insync_replicas} replicas"
            f" in sync, records of at most {defaults.max_message_bytes >> 20} MiB."
            " *Sealed* topics hold personal data in encrypted fields. `hold` and `skip` say what"
            " becomes of a key whose record is given up: its later records wait for an operator, or"
            " they go on.\n",
            "## Data flow\n",
            _rows(("workload", "reads", "reads as tables", "writes"), _flow(topology)),
            "## The list\n",
            _rows(
                ("topic", "what", "record", "key", "partitions", "kept", "personal data"),
                (_listed(topic) for topic in topology.topics.values()),
            ),
            "## What follows from the list\n",
            _rows(
                ("topic", "what", "partitions", "kept"),
                (
                    _derived(topic)
                    for topic in physical_topics(topology)
                    if topic.role is not Role.LISTED
                ),
            ),
        ]
    )


MEANINGS: Final[Mapping[Role, str]] = {
    Role.RETRY: "records that wait for their next try, in order; the lock of their keys",
    Role.DLQ: "dead letters",
    Role.HELD: "keys that wait for an operator",
    Role.POSITIONS: "where the owner of each partition stands",
    Role.ACCOUNTS: "empty; its partitions are handed out as the ownership of accounts",
    Role.CHECKPOINTS: "how far each feed was read",
}


def _flow(topology: Topology) -> Iterator[Sequence[str]]:
    for workload in sorted(topology.workloads()):
        entries = topology.topics.values()
        reads = [
            f"`{one.name}` ({one.consumers[workload].value})"
            for one in entries
            if workload in one.consumers
        ]
        tables = [f"`{one.name}`" for one in entries if workload in one.tables]
        writes = [f"`{one.name}`" for one in entries if workload in one.producers]
        yield f"**{workload}**", *map(", ".join, (reads, tables, writes))


def _listed(topic: Topic) -> Sequence[str]:
    partitions = str(topic.partitions)
    if topic.partitions_as:
        partitions += f", as `{topic.partitions_as}`"
    kept = (
        "the last value of each key"
        if topic.cleanup is Cleanup.COMPACT
        else _duration(topic.retention_ms)
    )
    if topic.expires_ms is not None:
        kept += f", for {_duration(topic.expires_ms)}"
    return (
        f"`{topic.name}`",
        topic.doc,
        f"`{topic.record}`",
        f"`{topic.key}`",
        partitions,
        kept,
        "sealed" if topic.pii else "none",
    )


def _derived(topic: PhysicalTopic) -> Sequence[str]:
    if topic.config["cleanup.policy"] == Cleanup.COMPACT:
        kept = "the last value of each key"
    else:
        kept = _duration(int(topic.config["retention.ms"]))
    return f"`{topic.name}`", MEANINGS[topic.role], str(topic.partitions), kept


def _duration(milliseconds: int) -> str:
    if milliseconds == FOREVER:
        return "forever"
    return next(f"{milliseconds // ms} {unit}" for ms, unit in UNITS if milliseconds % ms == 0)


def _modules(name: str) -> Iterator[ModuleType]:
    """Yield the modules of that name at the top of each service's package."""
    for path in sorted(ROOT.glob(f"services/*/src/isthmus_*/{name}.py")):
        yield importlib.import_module(f"{path.parent.name}.{name}")


def _defined_in(module: ModuleType, kind: type[T]) -> Iterator[type[T]]:
    for value in vars(module).values():
        is_own = isinstance(value, type) and value.__module__ == module.__name__
        if is_own and issubclass(value, kind):
            yield value


def _service(module: ModuleType) -> str:
    return module.__name__.partition(".")[0].removeprefix("isthmus_").replace("_", "-")


def _own_rows(whole: str, core: str) -> str:
    """Leave out the rows that every worker has; the two lines of the head stay."""
    head, common = whole.splitlines()[:2], set(core.splitlines())
    own = [row for row in whole.splitlines()[2:] if row and row not in common]
    return "\n".join([*head, *own, ""])


def _joined(tables: Iterator[str]) -> str:
    first, *others = tables
    return first + "".join("\n".join([*one.splitlines()[2:], ""]) for one in others)


def _rows(head: Sequence[str], rows: Iterator[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join([*(f"| {' | '.join(line)} |" for line in lines), ""])


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path.relative_to(ROOT)}\n")

"""A stage of groups of three as a process: ``python -m tests.integration.kafka_core.folding``.

Its argument is the folder in which a fault can be armed for it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from isthmus.core.records import Output, Record, Tables
from isthmus.kafka import loops, run
from isthmus.kafka.process import Process
from isthmus.kafka.real_clients import CONFLUENT
from isthmus.messages.netsuite import Item
from isthmus.ops.settings import WorkerSettings, load
from isthmus.testing.builders import a_netsuite_item
from tests.crash.failpoints import Failpoints, StruckClients

GROUP = 3
COMMANDS = "watched.commands"
WORKER = "folding"


def transform(group: Iterator[Record[msgspec.Struct]], _tables: Tables) -> Iterator[Output]:
    """Write the group as one record that names its members."""
    records = list(group)
    skus = [record.value.sku for record in records if isinstance(record.value, Item)]
    yield Output(COMMANDS, records[0].key, a_netsuite_item("+".join(skus)))


def main(folder: Path) -> int:
    """Run until SIGTERM, or until struck."""
    clients = StruckClients(CONFLUENT, Failpoints(folder, WORKER))
    process = Process.of(load(WorkerSettings), clients=clients)
    loop = loops.fold(process, transform, is_whole=lambda _record, count: count == GROUP)
    return run.turn(loop, process)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

"""Starts the source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import msgspec

from isthmus.core.records import Table
from isthmus.kafka import loops, run
from isthmus.kafka.process import Process
from isthmus.kafka.source import Feed
from isthmus.kafka.topology import ORDER_KEYS
from isthmus.messages.control import OrderKey
from isthmus.ops.sealing import SealingSettings, TableKeys
from isthmus.ops.settings import load
from isthmus_amazon_ingest.settings import IngestSettings
from isthmus_amazon_ingest.wiring import build_feeds


def ingest() -> int:
    """Sweep orders until SIGTERM."""
    process = Process.of(load(IngestSettings))
    settings = cast("IngestSettings", process.settings)
    master = load(SealingSettings).key()
    with build_feeds(settings=settings, clock=process.clock, metrics=process.metrics) as built:

        def feeds_of(_account: str, tables: Mapping[str, Table[msgspec.Struct]]) -> Sequence[Feed]:
            keys = cast("Table[OrderKey]", tables[ORDER_KEYS])
            return built.of(TableKeys(ORDER_KEYS, keys, master, process.clock))

        loop = loops.source(process, feeds_of, accounts=built.accounts, tables=[ORDER_KEYS])
        return run.turn(loop, process)


def main() -> None:
    """Run amazon-ingest."""
    run.exit_with(ingest)


if __name__ == "__main__":
    main()

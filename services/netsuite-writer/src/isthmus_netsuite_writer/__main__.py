"""Starts the sink."""

from __future__ import annotations

from typing import cast

from isthmus.core.records import Table, Tables
from isthmus.core.sealing import Opener
from isthmus.kafka import loops, run
from isthmus.kafka.process import Process
from isthmus.kafka.tables import Kind, TableSpec
from isthmus.kafka.topology import ORDER_KEYS
from isthmus.messages.control import OrderKey
from isthmus.ops.sealing import SealingSettings, TableKeys
from isthmus.ops.settings import load
from isthmus_netsuite_writer.settings import WriterSettings
from isthmus_netsuite_writer.wiring import build_handle


def serve() -> int:
    """Book orders until SIGTERM."""
    process = Process.of(load(WriterSettings))
    master = load(SealingSettings).key()

    def opener_of(tables: Tables) -> Opener:
        table = cast("Table[OrderKey]", tables[ORDER_KEYS])
        return TableKeys(ORDER_KEYS, table, master, process.clock)

    with build_handle(
        settings=cast("WriterSettings", process.settings),
        opener_of=opener_of,
        clock=process.clock,
        metrics=process.metrics,
    ) as handle:
        tables = [TableSpec(ORDER_KEYS, Kind.LOCAL)]
        return run.turn(loops.sink(process, handle, tables=tables), process)


def main() -> None:
    """Run netsuite-writer."""
    run.exit_with(serve)


if __name__ == "__main__":
    main()

"""Starts the source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import msgspec

from isthmus.core.records import Table
from isthmus.kafka import loops, run
from isthmus.kafka.process import Process
from isthmus.kafka.source import Feed
from isthmus.ops.settings import load
from isthmus_inventory_publisher.settings import PublisherSettings
from isthmus_inventory_publisher.wiring import build_feeds


def poll() -> int:
    """Publish what NetSuite knows of items until SIGTERM."""
    process = Process.of(load(PublisherSettings))
    settings = cast("PublisherSettings", process.settings)
    with build_feeds(settings=settings, clock=process.clock, metrics=process.metrics) as built:

        def feeds_of(_account: str, _tables: Mapping[str, Table[msgspec.Struct]]) -> Sequence[Feed]:
            return [Feed(name, settings.poll.interval_s, one) for name, one in built.polls.items()]

        return run.turn(loops.source(process, feeds_of, accounts=built.accounts), process)


def main() -> None:
    """Run inventory-publisher poll."""
    run.exit_with(poll)


if __name__ == "__main__":
    main()

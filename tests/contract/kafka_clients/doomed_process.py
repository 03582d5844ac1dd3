"""A member of a group that runs until it is killed and writes down the calls of its callbacks."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, TopicPartition


def main() -> None:
    settings, topics, diary = json.loads(sys.argv[1])
    consumer = Consumer(settings)

    def note(call: str) -> None:
        with Path(diary).open("a") as lines:
            lines.write(f"{call}\n")

    def assigned(consumer: Any, partitions: list[TopicPartition]) -> None:
        note("assign")
        consumer.assign([TopicPartition(each.topic, each.partition, 0) for each in partitions])

    consumer.subscribe(
        topics,
        on_assign=assigned,
        on_revoke=lambda *_: note("revoke"),
        on_lost=lambda *_: note("lose"),
    )
    while True:
        consumer.consume(1, 0.1)


if __name__ == "__main__":
    main()

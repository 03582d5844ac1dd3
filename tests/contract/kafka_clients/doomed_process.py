"""A member of a group that runs until it is killed; it says when it owns partitions."""

from __future__ import annotations

import json
import sys
from typing import Any

from confluent_kafka import Consumer, TopicPartition


def main() -> None:
    settings, topics = json.loads(sys.argv[1])
    consumer = Consumer(settings)
    consumer.subscribe(topics, on_assign=_assigned)
    while True:
        consumer.consume(1, 0.1)


def _assigned(consumer: Any, partitions: list[TopicPartition]) -> None:
    consumer.assign([TopicPartition(each.topic, each.partition, 0) for each in partitions])
    sys.stdout.write("assigned\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

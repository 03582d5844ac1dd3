"""What the fake does not have it refuses; it never pretends."""

from __future__ import annotations

from typing import Any

import pytest
from confluent_kafka import OFFSET_END, IsolationLevel, KafkaException, TopicPartition
from confluent_kafka.admin import OffsetSpec  # type: ignore[attr-defined]  # exported silently

from .worlds import TOPIC, World


class TestTheFake:
    @pytest.mark.parametrize(
        "settings",
        [
            {"group_protocol": "consumer"},
            {"enable_auto_commit": True},
            {"partition_assignment_strategy": "cooperative-sticky"},
            {"session_timeout_ms": 3000},
        ],
    )
    def test_has_no_consumer_with(self, settings: dict[str, Any]) -> None:
        with pytest.raises(NotImplementedError):
            World().consumer(**settings)

    def test_has_no_automatic_commit_even_if_it_is_only_left_on(self) -> None:
        with pytest.raises(NotImplementedError, match=r"enable\.auto\.commit"):
            World().cluster.consumer({"group.id": "g"})

    def test_has_no_consumer_that_the_client_refuses(self) -> None:
        with pytest.raises(KafkaException, match=r"max\.poll\.interval"):
            World().consumer(max_poll_interval_ms=5999)

    def test_has_no_other_partitioner(self) -> None:
        with pytest.raises(NotImplementedError, match="fnv1a"):
            World().producer(partitioner="fnv1a")

    def test_has_no_other_topic_settings(self) -> None:
        with pytest.raises(NotImplementedError, match=r"compression\.type"):
            World().cluster.create_topic("t", compression_type="lz4")

    def test_has_no_topics_that_are_created_by_use(self) -> None:
        world = World()
        writer = world.producer()
        writer.begin_transaction()

        with pytest.raises(NotImplementedError, match="not there"):
            writer.produce("missing", b"a", partition=0)
        with pytest.raises(NotImplementedError, match="not there"):
            world.consumer().assign([TopicPartition(TOPIC, 7, 0)])

    def test_has_no_start_counted_from_the_end(self) -> None:
        ten_before_the_end = OFFSET_END - 1999 - 10

        with pytest.raises(NotImplementedError, match="logical"):
            World().consumer().assign([TopicPartition(TOPIC, 0, ten_before_the_end)])

    def test_has_no_offsets_by_time(self) -> None:
        by_time = OffsetSpec.for_timestamp(0)
        asked = {TopicPartition(TOPIC, 0): by_time}
        level = IsolationLevel.READ_UNCOMMITTED

        with pytest.raises(NotImplementedError, match="by time"):
            World().cluster.admin({}).list_offsets(asked, isolation_level=level, request_timeout=1)

    def test_has_one_topic_of_a_name(self) -> None:
        with pytest.raises(ValueError, match="exists"):
            World().cluster.create_topic(TOPIC)

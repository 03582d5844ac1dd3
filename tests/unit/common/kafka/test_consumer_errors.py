from __future__ import annotations

import pytest
from confluent_kafka import KafkaError, KafkaException
from structlog.testing import capture_logs

from isthmus.kafka.consumer_errors import judge
from isthmus.kafka.transactions import Fenced


class TestJudge:
    @pytest.mark.parametrize(
        "error",
        [
            KafkaError(KafkaError.FENCED_INSTANCE_ID),
            KafkaError(KafkaError._MAX_POLL_EXCEEDED),
            KafkaError(KafkaError._FATAL),
            KafkaError(KafkaError.UNKNOWN_MEMBER_ID, fatal=True),
        ],
        ids=lambda error: error.name(),
    )
    def test_ends_a_process_that_is_out_of_the_group(self, error: KafkaError) -> None:
        with pytest.raises(Fenced, match="out of the group"):
            judge(error)

    def test_waits_for_a_topic_that_is_not_there_and_says_who_makes_it(self) -> None:
        with capture_logs() as logs:
            judge(KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART, "amazon.orders"))

        assert [(one["event"], one["remedy"]) for one in logs] == [
            ("topic.missing", "isthmusctl topics apply")
        ]

    def test_lets_pass_what_librdkafka_tries_again_and_the_end_of_a_partition(self) -> None:
        with capture_logs() as logs:
            judge(KafkaError(KafkaError.NOT_LEADER_FOR_PARTITION, retriable=True))
            judge(KafkaError(KafkaError._PARTITION_EOF))

        assert [one["event"] for one in logs] == ["consumer.error"]

    def test_hides_nothing_else(self) -> None:
        with pytest.raises(KafkaException):
            judge(KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED))

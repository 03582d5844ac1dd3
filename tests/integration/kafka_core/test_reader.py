"""What the loops read beside their group survives a broker that dies."""

from __future__ import annotations

import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from isthmus.kafka import client_settings, whole
from isthmus.kafka.local import running_kafka
from isthmus.kafka.reader import Reader
from isthmus.kafka.real_clients import CONFLUENT
from isthmus.ops.clock import SystemClock
from isthmus.ops.settings import KafkaSettings

TOPIC = "read"


@pytest.mark.kafka
class TestReader:
    def test_learns_the_end_of_a_log_after_its_leader_died_and_came_back(self) -> None:
        # librdkafka's admin client goes on asking with the leader epoch that it knew first.
        with running_kafka(mode="embedded") as own:
            settings = KafkaSettings(bootstrap_servers=own.bootstrap_servers)
            connection = client_settings.connection(settings)
            admin = AdminClient(connection)
            for made in admin.create_topics([NewTopic(TOPIC, 1, 1)]).values():
                made.result()
            consumer = CONFLUENT.consumer(client_settings.table_consumer(settings, group="reader"))
            reader = Reader(consumer, lambda: CONFLUENT.admin(connection))
            places = whole.from_beginning(TOPIC, [0])
            assert whole.read_whole(reader, places, clock=SystemClock(), bound_s=20) == []

            own.kill(1)
            own.start(1)

            assert whole.read_whole(reader, places, clock=SystemClock(), bound_s=20) == []
            consumer.close()

"""What clients of the fake cluster are told of its topics."""

from __future__ import annotations

from confluent_kafka import KafkaError
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # exported without saying so
    ClusterMetadata,
    PartitionMetadata,
    TopicMetadata,
)

from .broker import Broker
from .errors import kafka_error


def cluster_metadata(broker: Broker, topic: str | None) -> ClusterMetadata:
    """Describe all topics, or one."""
    metadata = ClusterMetadata()
    names = broker.topics.names() if topic is None else [topic]
    metadata.topics = {name: _topic(broker, name) for name in names}
    return metadata


def _topic(broker: Broker, name: str) -> TopicMetadata:
    metadata = TopicMetadata()
    metadata.topic = name
    found = broker.topics.find(name)
    if found is None:
        metadata.error = kafka_error(KafkaError.UNKNOWN_TOPIC_OR_PART)
        return metadata
    for log in found.partitions:
        metadata.partitions[log.partition] = _partition(log.partition)
    return metadata


def _partition(number: int) -> PartitionMetadata:
    metadata = PartitionMetadata()
    metadata.id, metadata.leader, metadata.replicas, metadata.isrs = number, 1, [1], [1]
    return metadata

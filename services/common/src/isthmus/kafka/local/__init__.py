"""A real Kafka and a real schema registry on this machine, for tests and the demo."""

from isthmus.kafka.local.cluster import KafkaCluster, running_kafka
from isthmus.kafka.local.errors import LocalKafkaUnavailable
from isthmus.kafka.local.registry import Registry, running_registry

__all__ = [
    "KafkaCluster",
    "LocalKafkaUnavailable",
    "Registry",
    "running_kafka",
    "running_registry",
]

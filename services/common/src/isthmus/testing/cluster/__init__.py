"""The virtual-time fake cluster, held to real Kafka by ``tests/contract/kafka_clients``."""

from .cluster import FakeCluster
from .errors import ProcessDied, kafka_error
from .partition_log import StoredRecord

__all__ = ["FakeCluster", "ProcessDied", "StoredRecord", "kafka_error"]

"""The virtual-time fake cluster, held to real Kafka by ``tests/contract/kafka_clients``."""

from . import codes
from .cluster import FakeCluster
from .errors import ProcessDied, kafka_error
from .partition_log import StoredRecord

__all__ = ["FakeCluster", "ProcessDied", "StoredRecord", "codes", "kafka_error"]

"""The admin client of the fake cluster: offsets and topics, to be read only."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future

from confluent_kafka import IsolationLevel, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # exported without saying so
    ClusterMetadata,
    ListOffsetsResultInfo,
    OffsetSpec,
)

from . import codes
from .broker import Broker
from .errors import kafka_error
from .metadata import cluster_metadata
from .process import Fault, Process, client_call

_LATEST: OffsetSpec = OffsetSpec.latest()  # type: ignore[no-untyped-call]
_EARLIEST: OffsetSpec = OffsetSpec.earliest()  # type: ignore[no-untyped-call]


class FakeAdmin:
    """Behaves as ``confluent_kafka.admin.AdminClient`` does."""

    def __init__(self, broker: Broker) -> None:
        self.process = Process(broker)
        self._broker = broker

    @client_call
    def list_offsets(
        self,
        topic_partition_offsets: Mapping[TopicPartition, OffsetSpec],
        *,
        isolation_level: IsolationLevel = IsolationLevel.READ_UNCOMMITTED,
        request_timeout: float = -1,
    ) -> Mapping[TopicPartition, Future[ListOffsetsResultInfo]]:
        """Return the first or the last offsets, as futures that are done."""
        committed_only = isolation_level == IsolationLevel.READ_COMMITTED
        # The client asks the leaders; where it finds none at all, nothing is answered.
        blind = not any(map(self._exists, topic_partition_offsets))
        return {
            partition: self._failed(codes.NOENT)
            if blind
            else self._answer(partition, spec, committed_only=committed_only)
            for partition, spec in topic_partition_offsets.items()
        }

    @client_call
    def list_topics(self, topic: str | None = None, timeout: float = -1) -> ClusterMetadata:
        """Return all topics, or one, with their partitions."""
        return cluster_metadata(self._broker, topic)

    def met(self, call: str, fault: Fault) -> None:
        """Note an error that was planned for a call: it changes nothing in an admin client."""

    def _answer(
        self, partition: TopicPartition, spec: OffsetSpec, *, committed_only: bool
    ) -> Future[ListOffsetsResultInfo]:
        if self._broker.topics.find(partition.topic) is None:
            return self._failed(KafkaError.UNKNOWN_TOPIC_OR_PART)
        if not self._exists(partition):
            return self._failed(codes.UNKNOWN_PARTITION)
        log = self._broker.topics.log(partition.topic, partition.partition)
        if isinstance(spec, type(_LATEST)):
            offset = log.end(committed_only=committed_only)
        elif isinstance(spec, type(_EARLIEST)):
            offset = log.start_offset
        else:
            raise NotImplementedError("the fake cluster finds no offsets by time")
        future: Future[ListOffsetsResultInfo] = Future()
        future.set_result(ListOffsetsResultInfo(offset, -1, 0))
        return future

    @staticmethod
    def _failed(code: int) -> Future[ListOffsetsResultInfo]:
        future: Future[ListOffsetsResultInfo] = Future()
        future.set_exception(KafkaException(kafka_error(code)))
        return future

    def _exists(self, partition: TopicPartition) -> bool:
        topic = self._broker.topics.find(partition.topic)
        return topic is not None and partition.partition < len(topic.partitions)

"""A Kafka cluster in memory, in virtual time: for unit tests only."""

from __future__ import annotations

from functools import partial

from confluent_kafka import KafkaError, KafkaException, TopicPartition

from isthmus.kafka.clients import Headers, Settings

from .admin import FakeAdmin
from .broker import Broker
from .clock import Time, VirtualClock
from .consumer import FakeConsumer
from .errors import ProcessDied
from .partition_log import Payload, StoredRecord
from .process import Fault
from .producer import FakeProducer
from .settings import consumer_settings, producer_settings

AnyClient = FakeConsumer | FakeProducer | FakeAdmin


class FakeCluster:
    """Topics, groups and transactions as confluent-kafka 2.16 finds them on Apache Kafka 4.3.

    It fits ``isthmus.kafka.clients.Clients``. Nothing waits in real time: with ``auto_advance``
    a ``consume`` that finds nothing moves the clock by its time-out, otherwise only the test does.
    One thread at a time; the same calls give the same result.
    """

    def __init__(self, *, clock: VirtualClock, auto_advance: bool = False) -> None:
        self._broker = Broker(Time(clock))
        self._auto_advance = auto_advance

    def consumer(self, settings: Settings) -> FakeConsumer:
        """Make a consumer.

        :raises NotImplementedError: for settings whose behavior is not part of the fake.
        """
        read = consumer_settings(settings)
        consumer = FakeConsumer(self._broker, read, auto_advance=self._auto_advance)
        self._broker.watch(consumer)
        return consumer

    def producer(self, settings: Settings) -> FakeProducer:
        """Make a producer."""
        return FakeProducer(self._broker, producer_settings(settings))

    def admin(self, settings: Settings) -> FakeAdmin:
        """Make an admin client."""
        return FakeAdmin(self._broker)

    def create_topic(self, name: str, partitions: int = 1, **config: str | int) -> None:
        """Create a topic; settings as in Kafka with ``_`` for ``.``.

        :raises ValueError: if there is one of that name.
        :raises NotImplementedError: for settings that are not part of the fake.
        """
        settings = {key.replace("_", "."): str(value) for key, value in config.items()}
        self._broker.topics.create(name, partitions, settings)

    def grow_topic(self, name: str, partitions: int) -> None:
        """Give a topic more partitions."""
        topic = self._broker.topics.find(name)
        if topic is None:
            raise ValueError(f"no topic {name}")
        topic.grow(partitions)

    def append(
        self,
        topic: str,
        value: bytes | None,
        *,
        key: bytes | None = None,
        partition: int = 0,
        headers: Headers | None = None,
    ) -> int:
        """Store a record outside of any transaction; return its offset."""
        payload = Payload(key, value, headers or [], self._broker.now_ms)
        return self._broker.store(None, topic, partition, payload).offset

    def log(self, topic: str, partition: int = 0) -> list[StoredRecord]:
        """Return all that lies in a partition, with control and aborted records."""
        self._broker.catch_up()
        return list(self._broker.topics.log(topic, partition).records)

    def read_committed(self, topic: str) -> list[StoredRecord]:
        """Return the records of all partitions that a reader of committed records sees."""
        self._broker.catch_up()
        found = self._broker.topics.find(topic)
        logs = found.partitions if found else []
        everything = [
            log.read(log.start_offset, log.end_offset + 1, committed_only=True)[0] for log in logs
        ]
        return [record for records in everything for record in records]

    def committed(self, group_id: str, topic: str, partition: int = 0) -> TopicPartition | None:
        """Return the stable offset of a group, or None."""
        self._broker.catch_up()
        found = self._broker.group(group_id).offsets.committed((topic, partition))
        return None if found is None else found.at((topic, partition))

    def compact(self, topic: str, partition: int = 0) -> None:
        """Run the cleaner over a partition at once."""
        self._broker.topics.log(topic, partition).compact()

    def drop_before(self, topic: str, partition: int, offset: int) -> None:
        """Delete the records before an offset, as retention does."""
        self._broker.topics.log(topic, partition).drop_before(offset)

    def crash(self, *clients: AnyClient) -> None:
        """Kill the process of clients: no heartbeat and no call any more."""
        self.stop(*clients)
        for client in clients:
            client.process.kill()

    def stop(self, *clients: AnyClient) -> None:
        """Stop the process of clients until ``wake``, as SIGSTOP does."""
        self._broker.catch_up()
        for client in clients:
            client.process.stop()
            if isinstance(client, FakeConsumer):
                client.fall_silent()

    def wake(self, *clients: AnyClient) -> None:
        """Let stopped clients go on where they stood, as SIGCONT does.

        :raises ValueError: if one of them was killed.
        """
        self._broker.catch_up()
        for client in clients:
            client.process.wake()
            if isinstance(client, FakeConsumer):
                client.speak_again()

    def fail_next(
        self,
        client: AnyClient,
        call: str,
        error: KafkaError | Exception,
        *,
        after_effect: bool = False,
    ) -> None:
        """Let the next ``call`` of a client raise, before or after it has taken effect."""
        raised = KafkaException(error) if isinstance(error, KafkaError) else error
        self._plan(client, call, Fault(raised, after_effect))

    def crash_in(
        self, client: AnyClient, call: str, *others: AnyClient, after_effect: bool = False
    ) -> None:
        """Kill clients in the next ``call`` of the first, before or after it has taken effect.

        The call raises ``ProcessDied``, as does every later one.
        """
        died = ProcessDied(f"killed in {call}()")
        self._plan(client, call, Fault(died, after_effect, partial(self.crash, client, *others)))

    def refuse_next(self, producer: FakeProducer, code: int) -> None:
        """Let the broker refuse the next record of a producer: its delivery fails."""
        producer.refuse_next(code)

    def report(self, consumer: FakeConsumer, error: KafkaError) -> None:
        """Let a consumer give an event, such as the loss of all brokers."""
        consumer.report(error)

    @staticmethod
    def _plan(client: AnyClient, call: str, fault: Fault) -> None:
        if not hasattr(client, call):
            raise ValueError(f"{type(client).__name__} has no call {call!r}")
        client.process.plan(call, fault)

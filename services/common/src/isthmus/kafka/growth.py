"""What stands against giving a keyed topic more partitions.

More partitions send a key elsewhere. Nothing may be left of it in its old place: no record that a
group has not finished, none that is parked, no key that is held, no row of a table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient

from isthmus.kafka.clients import Message
from isthmus.kafka.physical import PhysicalTopic, Role
from isthmus.kafka.questions import FIRST, ask
from isthmus.kafka.reader import OnMessages, Reader
from isthmus.kafka.topic_admin import TopicsRefused
from isthmus.ops.clock import Clock

STOPPED: Final = frozenset({"EMPTY", "DEAD"})
NOT_THERE: Final = frozenset({KafkaError.GROUP_ID_NOT_FOUND})
# A partition that was just made, or moved, has its leader in a moment.
UNSETTLED: Final = frozenset(
    {
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.UNKNOWN_TOPIC_OR_PART,
    }
)
READ_WITHIN_S: Final = 60.0
PAUSE_S: Final = 0.02


@dataclass(frozen=True, slots=True)
class GrowthGuard:
    """Looks for what would be left behind."""

    admin: AdminClient
    reader: Reader
    clock: Clock
    call_timeout_s: float

    def obstacles(
        self, topics: Iterable[PhysicalTopic], partitions: Mapping[str, int]
    ) -> Mapping[str, tuple[str, ...]]:
        """Return, for each topic, the reasons against growing it.

        :param partitions: how many it has now.
        :raises TopicsRefused: it cannot be found out.
        """
        try:
            return {
                topic.name: tuple(self._obstacles(topic, partitions[topic.name]))
                for topic in topics
            }
        except (KafkaException, TimeoutError) as error:
            what = f"whether topics may grow cannot be found out: {error}"
            raise TopicsRefused(what) from error

    def _obstacles(self, topic: PhysicalTopic, partitions: int) -> Iterator[str]:
        if not topic.keyed or topic.role is Role.DLQ:
            return
        starts = self._beginnings(topic.name, partitions)
        if topic.role is Role.HELD:
            if held := self._living_keys(topic.name, starts):
                yield f"{held} keys are held in {topic.name}"
        elif not topic.groups and self._holds_records(topic.name, starts):
            yield f"{topic.name} is not empty, and is read from its beginning"
        for group in topic.groups:
            if (state := self._state(group)) not in STOPPED:
                yield f"group {group} is {state.lower()}, not stopped"
            committed = self._committed(group, topic.name, partitions)
            if self._holds_records(topic.name, starts | committed):
                yield f"{topic.name} holds records that {group} has not finished"

    def _state(self, group: str) -> str:
        try:
            asked = self.admin.describe_consumer_groups(
                [group], request_timeout=self.call_timeout_s
            )
            return str(asked[group].result(self.call_timeout_s).state.name)
        except KafkaException as error:
            if error.args[0].code() in NOT_THERE:
                return "DEAD"
            raise

    def _holds_records(self, topic: str, starts: Mapping[int, int]) -> bool:
        seen: list[int] = []
        self._read(topic, starts, lambda some: seen.append(len(some)), until=lambda: bool(seen))
        return bool(seen)

    def _living_keys(self, topic: str, starts: Mapping[int, int]) -> int:
        living: dict[bytes | None, bool] = {}

        def take(messages: Sequence[Message]) -> None:
            living.update((message.key(), message.value() is not None) for message in messages)

        self._read(topic, starts, take, until=lambda: False)
        return sum(living.values())

    def _committed(self, group: str, topic: str, partitions: int) -> dict[int, int]:
        places = [TopicPartition(topic, number) for number in range(partitions)]
        asked = self.admin.list_consumer_group_offsets(
            [ConsumerGroupTopicPartitions(group, places)], request_timeout=self.call_timeout_s
        )
        try:
            answer = asked[group].result(self.call_timeout_s).topic_partitions
        except KafkaException as error:
            if error.args[0].code() in NOT_THERE:
                return {}
            raise
        return {place.partition: place.offset for place in answer if place.offset >= 0}

    def _beginnings(self, topic: str, partitions: int) -> dict[int, int]:
        return {number: self._beginning(topic, number) for number in range(partitions)}

    def _beginning(self, topic: str, partition: int) -> int:
        deadline = self.clock.monotonic() + self.call_timeout_s
        while True:
            try:
                answer = ask(self.reader.admin, TopicPartition(topic, partition), FIRST)
                return int(answer.result(self.call_timeout_s).offset)
            except KafkaException as error:
                if error.args[0].code() not in UNSETTLED or self.clock.monotonic() > deadline:
                    raise
                self.clock.sleep(PAUSE_S)

    def _read(
        self,
        topic: str,
        starts: Mapping[int, int],
        take: OnMessages,
        *,
        until: Callable[[], bool],
    ) -> None:
        """Read all partitions to their ends, or until it is enough.

        :raises TimeoutError: they could not be read in time.
        """
        readings = [
            self.reader.read(topic, partition, offset=offset, follows=False, on_messages=take)
            for partition, offset in starts.items()
        ]
        deadline = self.clock.monotonic() + READ_WITHIN_S
        while not (until() or all(reading.is_caught_up for reading in readings)):
            if self.clock.monotonic() > deadline:
                raise TimeoutError(f"{topic} could not be read within {READ_WITHIN_S:g} s")
            if not self.reader.poll():
                self.clock.sleep(PAUSE_S)
        for reading in readings:
            self.reader.drop(reading)

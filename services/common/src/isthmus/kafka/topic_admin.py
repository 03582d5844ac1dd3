"""Kafka's topics as they are, and changing them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import AlterConfigOpType, ConfigEntry, ConfigResource
from confluent_kafka.admin._resource import ResourceType
from confluent_kafka.cimpl import NewPartitions, NewTopic

from isthmus.kafka.topic_plan import Actual, Change, Deed
from isthmus.ops.clock import Clock

TOLD_EVERYWHERE_S: Final = 30.0
LOOK_AGAIN_S: Final = 0.1

T = TypeVar("T")


class TopicsRefused(Exception):
    """Kafka refused what was asked of its topics."""


@dataclass(frozen=True, slots=True)
class TopicAdmin:
    """Looks at topics and changes them."""

    client: AdminClient
    clock: Clock
    call_timeout_s: float

    def look(self, names: Iterable[str]) -> Mapping[str, Actual]:
        """Return those of the topics that exist.

        :raises TopicsRefused: Kafka does not answer, or may not be asked.
        """
        there = self._existing()
        wanted = [name for name in names if name in there]
        configs = self._configs(wanted)
        return {
            name: Actual(
                partitions=len(there[name].partitions),
                replication=min(len(one.replicas) for one in there[name].partitions.values()),
                config=configs[name],
            )
            for name in wanted
        }

    def carry_out(self, changes: Iterable[Change], *, replication: int) -> None:
        """Make the changes, and wait until they can be seen.

        :raises TopicsRefused: tells each topic that was refused; the others are done.
        """
        todo = list(changes)
        created = [change for change in todo if change.deed is Deed.CREATE]
        grown = [change for change in todo if change.deed is Deed.GROW]
        altered = [change for change in todo if change.deed is Deed.ALTER]
        if created:
            new = [_new_topic(change, replication=replication) for change in created]
            self._done(self.client.create_topics(new, **self._bounds()))
        if grown:
            more = [NewPartitions(one.topic.name, one.topic.partitions) for one in grown]
            self._done(self.client.create_partitions(more, **self._bounds()))
        if altered:
            changed = [_altered(change) for change in altered]
            self._done(
                self.client.incremental_alter_configs(changed, request_timeout=self.call_timeout_s)
            )
        self._await(todo)

    def _bounds(self) -> Mapping[str, float]:
        return {"request_timeout": self.call_timeout_s, "operation_timeout": self.call_timeout_s}

    def _existing(self) -> Mapping[str, Any]:
        try:
            return self.client.list_topics(timeout=self.call_timeout_s).topics
        except KafkaException as error:
            raise TopicsRefused(f"Kafka does not tell its topics: {error.args[0].str()}") from error

    def _configs(self, names: list[str]) -> Mapping[str, Mapping[str, str]]:
        if not names:
            return {}
        resources = [ConfigResource(ResourceType.TOPIC, name) for name in names]
        asked = self.client.describe_configs(resources, request_timeout=self.call_timeout_s)
        answers = self._done({resource.name: future for resource, future in asked.items()})
        return {
            name: {entry.name: entry.value for entry in entries.values()}
            for name, entries in answers.items()
        }

    def _done(self, futures: Mapping[Any, Future[T]]) -> Mapping[str, T]:
        answers: dict[str, T] = {}
        refused: list[str] = []
        for subject, future in futures.items():
            name = getattr(subject, "name", subject)
            try:
                answers[name] = future.result(self.call_timeout_s)
            except (KafkaException, TimeoutError) as error:
                refused.append(f"{name}: {_words(error)}")
        if refused:
            raise TopicsRefused("\n".join(refused))
        return answers

    def _await(self, changes: list[Change]) -> None:
        """Brokers hear of a change a moment after it is made."""
        deadline = self.clock.monotonic() + TOLD_EVERYWHERE_S
        while unseen := self._unseen(changes):
            if self.clock.monotonic() > deadline:
                raise TopicsRefused(f"not seen after {TOLD_EVERYWHERE_S:g} s: {', '.join(unseen)}")
            self.clock.sleep(LOOK_AGAIN_S)

    def _unseen(self, changes: list[Change]) -> list[str]:
        actual = self.look(change.topic.name for change in changes)
        return [change.topic.name for change in changes if not _is_seen(change, actual)]


def _is_seen(change: Change, actual: Mapping[str, Actual]) -> bool:
    topic = actual.get(change.topic.name)
    if topic is None or topic.partitions < _partitions_after(change):
        return False
    return change.config.items() <= topic.config.items()


def _partitions_after(change: Change) -> int:
    return 1 if change.deed is Deed.ALTER else change.topic.partitions


def _new_topic(change: Change, *, replication: int) -> NewTopic:
    return NewTopic(
        change.topic.name,
        num_partitions=change.topic.partitions,
        replication_factor=replication,
        config=dict(change.config),
    )


def _altered(change: Change) -> ConfigResource:
    entries = [
        ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
        for name, value in change.config.items()
    ]
    return ConfigResource(ResourceType.TOPIC, change.topic.name, incremental_configs=entries)


def _words(error: Exception) -> str:
    if isinstance(error, KafkaException):
        return str(error.args[0].str())
    return "no answer in time"

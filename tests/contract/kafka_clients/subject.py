"""What a test of the suite needs of a cluster, fake or real."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from isthmus.kafka.clients import Admin, Clients, Consumer, Producer, Settings

from .member import Member


class Subject(Protocol):
    """A cluster under test, and its time.

    The ``filler`` is a transactional producer for what a test needs to find; it is shared, because
    an ``init_transactions`` on Apache Kafka takes half a second.
    """

    @property
    def clients(self) -> Clients: ...
    @property
    def filler(self) -> Producer: ...
    def create_topic(self, partitions: int = 1, **config: str | int) -> str: ...
    def grow_topic(self, topic: str, partitions: int) -> None: ...
    def drop_before(self, topic: str, partition: int, offset: int) -> None: ...
    def now(self) -> float: ...
    def wait(self, seconds: float) -> None: ...
    def doomed(self, settings: Settings, topics: list[str]) -> Doomed: ...
    def name(self, prefix: str) -> str: ...


class Doomed(Protocol):
    """A member of a group in a process that can be killed, stopped and woken."""

    def serve(self) -> None: ...
    def calls(self) -> list[str]: ...
    def kill(self) -> None: ...
    def stop(self) -> None: ...
    def wake(self) -> None: ...


PATIENCE_S = 15.0
STEP_S = 0.05


def consumer(subject: Subject, **settings: Any) -> Consumer:
    """Make a consumer as the core does; settings by their names with ``_`` for ``.``."""
    return subject.clients.consumer(consumer_settings(subject, **settings))


def consumer_settings(subject: Subject, **settings: Any) -> dict[str, Any]:
    """Return the settings of a consumer, with some of its own."""
    return {
        "group.id": subject.name("group"),
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "isolation.level": "read_committed",
        "auto.offset.reset": "error",
        "partition.assignment.strategy": "range",
        "session.timeout.ms": 6000,
        "heartbeat.interval.ms": 300,
        "fetch.wait.max.ms": 50,
        "topic.metadata.refresh.interval.ms": 1000,
        **_dotted(settings),
    }


def producer(subject: Subject, **settings: Any) -> Producer:
    """Make a transactional producer, ready to begin."""
    made = idle_producer(subject, **settings)
    made.init_transactions(PATIENCE_S)
    return made


def idle_producer(subject: Subject, **settings: Any) -> Producer:
    """Make a transactional producer that has not been initialized."""
    return plain_producer(subject, **{"transactional.id": subject.name("txn"), **settings})


def plain_producer(subject: Subject, **settings: Any) -> Producer:
    """Make a producer without transactions."""
    return subject.clients.producer(
        {
            "enable.idempotence": True,
            "acks": "all",
            "linger.ms": 0,
            "retry.backoff.ms": 1,
            "retry.backoff.max.ms": 50,
            **_dotted(settings),
        }
    )


def admin(subject: Subject) -> Admin:
    """Make an admin client."""
    return subject.clients.admin({})


def until(subject: Subject, condition: Callable[[], bool], *members: Member) -> None:
    """Poll the members in turns until ``condition`` holds.

    :raises AssertionError: if it does not within the suite's patience.
    """
    deadline = subject.now() + PATIENCE_S
    while not condition():
        assert subject.now() < deadline, f"waited {PATIENCE_S} s; {[m.history for m in members]}"
        _turn(subject, members)


def idle(subject: Subject, seconds: float, *members: Member) -> None:
    """Poll the members in turns for a while, for what must not happen."""
    deadline = subject.now() + seconds
    while subject.now() < deadline:
        _turn(subject, members)


def _turn(subject: Subject, members: tuple[Member, ...]) -> None:
    for member in members:
        member.poll(STEP_S)
    if not members:
        subject.wait(STEP_S)


def _dotted(settings: dict[str, Any]) -> dict[str, Any]:
    return {name.replace("_", "."): value for name, value in settings.items()}

"""What the brokers are asked about the ends of logs, without waiting for the answer.

librdkafka's admin client keeps the leader epoch that it knew first: after a change of leader it is
refused for ever (FENCED_LEADER_EPOCH, measured), so a refused question is asked again by a new
one. And a question whose client is gone may end without any answer (measured), so a question keeps
its client.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Final

from confluent_kafka import IsolationLevel, KafkaException, TopicPartition
from confluent_kafka.admin._listoffsets import OffsetSpec

from isthmus.kafka.clients import Admin

REQUEST_TIMEOUT_S: Final = 10.0

FIRST: Final = OffsetSpec.earliest()  # type: ignore[no-untyped-call]
END: Final = OffsetSpec.latest()  # type: ignore[no-untyped-call]


@dataclass(slots=True)
class Asking:
    """The admin client that is asked now.

    :param make: makes another one.
    """

    make: Callable[[], Admin]
    admin: Admin = field(init=False)

    def __post_init__(self) -> None:
        """Make the first one."""
        self.admin = self.make()

    def renew(self, refused: Admin) -> None:
        """Ask by a new client from now on, if the refused one is not replaced already."""
        if refused is self.admin:
            self.admin = self.make()


class Question:
    """One question about one partition, asked until it is answered."""

    def __init__(self, asking: Asking, topic: str, partition: int, spec: OffsetSpec) -> None:
        self._asking = asking
        self._place = TopicPartition(topic, partition)
        self._spec = spec
        self._answer: int | None = None
        self._open = self._ask()

    def answer(self) -> int | None:
        """Return the offset; none while it is not known."""
        if self._open is not None and self._open[1].done():
            self._take(*self._open)
        return self._answer

    def _take(self, asked: Admin, future: Future[Any]) -> None:
        try:
            self._answer, self._open = int(future.result().offset), None
        except KafkaException:
            self._asking.renew(asked)
            self._open = self._ask()

    def _ask(self) -> tuple[Admin, Future[Any]] | None:
        admin = self._asking.admin
        return admin, ask(admin, self._place, self._spec)


def ask(admin: Admin, place: TopicPartition, spec: OffsetSpec) -> Future[Any]:
    """Ask for an offset: an end is the end of the log, open transactions included."""
    return admin.list_offsets(
        {place: spec},
        isolation_level=IsolationLevel.READ_UNCOMMITTED,
        request_timeout=REQUEST_TIMEOUT_S,
    )[place]

"""How far the logs of source partitions reach, asked in the background.

The consumer knows the end only of partitions that it fetches; how far a paused one lies behind is
what people ask about.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Final

from confluent_kafka import IsolationLevel, KafkaException, TopicPartition
from confluent_kafka.admin._listoffsets import OffsetSpec

from isthmus.kafka.clients import Admin
from isthmus.kafka.questions import REQUEST_TIMEOUT_S
from isthmus.kafka.reader import Reader
from isthmus.ops.clock import Clock

ASK_EVERY_S: Final = 5.0

Place = tuple[str, int]


@dataclass(slots=True)
class LogEnds:
    """The ends of the committed records, some seconds old at most; one request per broker."""

    reader: Reader
    clock: Clock
    _ends: dict[Place, int] = field(default_factory=dict)
    _asked_at: float | None = None
    _asked: Admin | None = None  # kept until it has answered: questions may die with a client
    _answers: Mapping[TopicPartition, Future[Any]] = field(default_factory=dict)

    def look(self, places: Collection[Place]) -> None:
        """Take the answers that have come, and ask again when it is time. Never waits."""
        self._take()
        now = self.clock.monotonic()
        is_due = self._asked_at is None or now - self._asked_at >= ASK_EVERY_S
        if places and is_due and not self._answers:
            self._asked_at = now
            self._asked = self.reader.admin
            self._answers = _ask(self._asked, places)
        self._ends = {place: end for place, end in self._ends.items() if place in places}

    def end(self, place: Place) -> int | None:
        """Return the offset behind the last committed record; none while it is not known."""
        return self._ends.get(place)

    def _take(self) -> None:
        if not self._answers or not all(answer.done() for answer in self._answers.values()):
            return
        answers, self._answers = self._answers, {}
        asked, self._asked = self._asked, None
        for place, answer in answers.items():
            try:
                self._ends[place.topic, place.partition] = answer.result().offset
            except KafkaException:
                if asked is not None:
                    self.reader.asking.renew(asked)
                return


def _ask(admin: Admin, places: Collection[Place]) -> Mapping[TopicPartition, Future[Any]]:
    latest = OffsetSpec.latest()  # type: ignore[no-untyped-call]
    return admin.list_offsets(
        {TopicPartition(*place): latest for place in places},
        isolation_level=IsolationLevel.READ_COMMITTED,
        request_timeout=REQUEST_TIMEOUT_S,
    )

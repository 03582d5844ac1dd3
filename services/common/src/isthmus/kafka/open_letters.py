"""The dead letters that nobody has dealt with, of the partitions of one worker.

They are read from where they stand for ever, the dead-letter partitions and the audit, so that
they are true after a restart too. A consumer of its own reads them, a little at a time: neither a
record nor a restore waits for it, and where it fails, only a metric is missing.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec
import structlog
from confluent_kafka import KafkaException

from isthmus.core.errors import Rejected, Retryable
from isthmus.kafka import headers as names
from isthmus.kafka.clients import Message
from isthmus.kafka.dead_letters import STATES
from isthmus.kafka.reader import BEGINNING, Reader, Reading
from isthmus.messages.control import Audit
from isthmus.ops.clock import Clock

SHARE_S: Final = 0.02  # of each look: looks come once a second
AGAIN_AFTER_S: Final = 60.0
UNCOUNTED: Final = "uncounted"

Place = tuple[str, int]

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Partition:
    """The letters of one dead-letter partition.

    :param letters: of those still open, when they failed and why, by their offset.
    :param reasons: how many are open, by the reason class.
    :param dealt_with: offsets of letters that the audit names before they were taken.
    :param taken_to: not the position of the reading, which may be ahead of what it handed over.
    """

    reading: Reading
    letters: dict[int, tuple[int, str]] = field(default_factory=dict)
    reasons: Counter[str] = field(default_factory=Counter)
    dealt_with: set[int] = field(default_factory=set)
    taken_to: int = 0

    def take(self, messages: Sequence[Message], room: Callable[[], int]) -> None:
        """Take letters in."""
        for message in messages:
            offset = message.offset() or 0
            if offset in self.dealt_with:
                self.dealt_with.discard(offset)
            elif room() > 0:
                self.letters[offset] = letter = _letter(message)
                self.reasons[letter[1]] += 1
            else:
                self.reasons[UNCOUNTED] += 1
            self.taken_to = offset + 1

    def close(self, offset: int) -> None:
        """Note that somebody dealt with a letter."""
        if letter := self.letters.pop(offset, None):
            self.reasons[letter[1]] -= 1
        elif offset >= self.taken_to:
            self.dealt_with.add(offset)


@dataclass(slots=True)
class OpenLetters:
    """Follows the dead letters of what the worker owns.

    :param most: letters known one by one; those beyond count as ``uncounted`` until a restart.
    """

    reader_of: Callable[[], Reader]
    audit_topic: str
    decode: Callable[[str, bytes | None], msgspec.Struct]
    clock: Clock
    most: int
    _reader: Reader | None = None
    _audit: Reading | None = None
    _partitions: dict[Place, Partition] = field(default_factory=dict)
    _not_before: float = 0.0

    def look(self, places: Collection[Place]) -> None:
        """Go on reading for a moment.

        :param places: the dead-letter partitions of the source partitions that are owned.
        """
        if self.clock.monotonic() < self._not_before:
            return
        try:
            self._follow(frozenset(places))
            self._read()
        except (KafkaException, Retryable) as error:
            log.warning("dead-letters.unread", error=str(error.args[0]))
            self._give_up()

    def is_known(self, topic: str) -> bool:
        """Tell whether the dead letters of a topic were read to their end."""
        audit = self._audit
        ours = list(self._of(topic))
        return (
            audit is not None
            and audit.is_caught_up
            and bool(ours)
            and all(one.reading.is_caught_up for one in ours)
        )

    def depths(self, topic: str) -> Mapping[str, int]:
        """Count the open letters of a dead-letter topic by their reason classes."""
        depths: Counter[str] = Counter()
        for one in self._of(topic):
            depths.update(one.reasons)
        return depths

    def oldest_ms(self, topic: str) -> int | None:
        """Return when the oldest open letter failed; none where there is none."""
        # Letters of a partition lie in the order in which they failed.
        firsts = (next(iter(one.letters.values()), None) for one in self._of(topic))
        return min((first[0] for first in firsts if first is not None), default=None)

    def close(self) -> None:
        """Read no more."""
        if self._reader is not None:
            self._reader.consumer.close()
        self._reader, self._audit = None, None
        self._partitions.clear()

    def _of(self, topic: str) -> Iterator[Partition]:
        return (one for place, one in self._partitions.items() if place[0] == topic)

    def _room(self) -> int:
        return self.most - sum(len(one.letters) for one in self._partitions.values())

    def _follow(self, places: frozenset[Place]) -> None:
        if places and self._reader is None:
            self._reader = self.reader_of()
        if self._reader is None:
            return
        for gone in self._partitions.keys() - places:
            self._reader.drop(self._partitions.pop(gone).reading)
        if fresh := sorted(places - self._partitions.keys()):
            for place in fresh:
                self._partitions[place] = self._begin(self._reader, place)
            self._audit = self._begin_audit(self._reader)

    def _begin(self, reader: Reader, place: Place) -> Partition:
        def take(messages: Sequence[Message]) -> None:
            self._partitions[place].take(messages, self._room)

        return Partition(
            reader.read(*place, offset=BEGINNING, follows=True, on_messages=take),
        )

    def _begin_audit(self, reader: Reader) -> Reading:
        """Read the audit anew: what it says of the new partitions was passed over before."""
        if self._audit is not None:
            reader.drop(self._audit)
        return reader.read(
            self.audit_topic, 0, offset=BEGINNING, follows=True, on_messages=self._take_audits
        )

    def _take_audits(self, messages: Sequence[Message]) -> None:
        for message in messages:
            try:
                audit = self.decode(self.audit_topic, message.value())
            except Rejected:
                continue
            if not isinstance(audit, Audit) or audit.partition is None or audit.offset is None:
                continue
            partition = self._partitions.get((audit.topic, audit.partition))
            if partition is not None and audit.action in STATES:
                partition.close(audit.offset)

    def _read(self) -> None:
        if self._reader is None:
            return
        until = self.clock.monotonic() + SHARE_S
        while self._reader.poll() and self.clock.monotonic() < until:
            pass

    def _give_up(self) -> None:
        self.close()
        self._not_before = self.clock.monotonic() + AGAIN_AFTER_S


def _letter(message: Message) -> tuple[int, str]:
    values = names.last_values(message.headers())
    failed_ms = names.number(values, names.FAILED_AT) or message.timestamp()[1]
    return failed_ms, sys.intern(names.text(values, names.REASON_CLASS) or "unknown")

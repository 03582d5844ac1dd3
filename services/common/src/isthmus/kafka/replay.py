"""Sends dead letters back, gives them up, or lets their key go: an operator's acts, in order.

A tool never touches a hold. It appends the letters of a key, in the order of the source, to the
retry partition that is the key's lock, and behind them a marker with the last dead letter it has
seen. The owner of the partition runs them and, if nothing was added meanwhile, lets the key go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final
from uuid import uuid4

from confluent_kafka import TopicPartition

from isthmus.kafka import done_map, whole
from isthmus.kafka import headers as names
from isthmus.kafka.clients import Consumer, Headers, Message
from isthmus.kafka.codec import Codec
from isthmus.kafka.dead_letters import Letter, Letters, letters_of
from isthmus.kafka.letters import Write
from isthmus.kafka.reader import BEGINNING, Reader
from isthmus.kafka.transactions import Transactions
from isthmus.messages.control import Audit
from isthmus.ops.clock import Clock

REPLAYS_MAX: Final = 5
TIMEOUT_S: Final = 10.0

FAILURE: Final = frozenset(
    {
        names.DELIVERY_COUNT,
        names.MESSAGE,
        names.EXCEPTION_CLASS,
        names.STAGE,
        names.REASON_CLASS,
        names.PATH,
        names.FAILED_AT,
        names.SEQUENCE_NO,
        names.REPLAY_ID,
        names.REPLAY_COUNT,
        names.REPLAY_BY,
        names.REPLAY_AT,
    }
)


@dataclass(frozen=True, slots=True)
class Desk:
    """The topics of one consumer group on one topic, as its operators see them."""

    group: str
    dlq: str
    retry: str
    held: str
    audit: str


@dataclass(frozen=True, slots=True)
class Act:
    """Who does it, and when."""

    by: str
    at: datetime


class ReplayInProgress(Exception):
    """Records of the key that were sent back earlier still wait; one replay per key at a time."""


@dataclass(slots=True)
class Operator:
    """Looks at the letters of a desk and acts on them."""

    desk: Desk
    reader: Reader
    group_consumer: Consumer
    transactions: Transactions
    codec: Codec
    clock: Clock
    bound_s: float = 60.0

    def look(self) -> Letters:
        """Read all letters, what was done to them, and the keys that are held."""
        # The holds first: a marker vouches for every letter up to the sequence that it names, so
        # that sequence must not be newer than the letters that were read.
        held = self._read(self.desk.held)
        dead = self._read(self.desk.dlq)
        audits = self._read(self.desk.audit)
        return letters_of(dead, audits=audits, held=held, codec=self.codec)

    def replay(self, letters: Letters, chosen: Sequence[Letter], act: Act) -> int:
        """Send letters of one key back, in one transaction; return how many.

        :raises ReplayInProgress: earlier ones of the key still wait.
        """
        key, partition = self._one_key(chosen)
        replay_id = uuid4().hex
        writes = [self._sent_back(letter, replay_id, act) for letter in chosen]
        writes.append(self._marker(letters, key, partition, replay_id, act))
        writes += [self._audit("replay", letter, replay_id, act) for letter in chosen]
        self._commit(writes, replay_id)
        return len(chosen)

    def discard(self, letters: Letters, chosen: Sequence[Letter], act: Act, *, why: str) -> int:
        """Give letters of one key up; return how many. The key goes on without them.

        :raises ReplayInProgress: earlier ones of the key still wait.
        """
        key, partition = self._one_key(chosen)
        replay_id = uuid4().hex
        writes = [self._audit("discard", letter, replay_id, act, why) for letter in chosen]
        writes.append(self._marker(letters, key, partition, replay_id, act))
        self._commit(writes, replay_id)
        return len(chosen)

    def release(self, letters: Letters, key: bytes, partition: int, act: Act) -> None:
        """Let a key go; its letters stay open.

        :raises ReplayInProgress: records of the key that were sent back still wait.
        """
        self._refuse_overlap(key, partition)
        replay_id = uuid4().hex
        audit = Audit(
            at=act.at,
            by=act.by,
            action="release",
            topic=self.desk.dlq,
            group=self.desk.group,
            key=key.decode("utf-8", errors="replace"),
            replay_id=replay_id,
            detail="its dead letters stay open",
        )
        encoded = self.codec.encode(self.desk.audit, audit)
        marker = self._marker(letters, key, partition, replay_id, act)
        self._commit([marker, Write(self.desk.audit, -1, key or b"-", encoded, [])], replay_id)

    def _one_key(self, chosen: Sequence[Letter]) -> tuple[bytes, int]:
        keys = {(letter.key or b"", letter.partition) for letter in chosen}
        if len(keys) != 1:
            raise ValueError("letters of exactly one key are dealt with at a time")
        (key, partition) = keys.pop()
        self._refuse_overlap(key, partition)
        return key, partition

    def _refuse_overlap(self, key: bytes, partition: int) -> None:
        for message in self._waiting(partition):
            if message.key() == key and names.REPLAY_ID in names.last_values(message.headers()):
                raise ReplayInProgress(
                    f"an earlier replay of {key.decode('utf-8', errors='replace')} still waits in"
                    f" {self.desk.retry}; look again when it is through"
                )

    def _waiting(self, partition: int) -> list[Message]:
        place = TopicPartition(self.desk.retry, partition)
        (found,) = self.group_consumer.committed([place], TIMEOUT_S)
        first = found.offset if found.offset >= 0 else BEGINNING
        progress = done_map.decode(first, found.metadata)
        waiting = whole.read_whole(
            self.reader,
            {(self.desk.retry, partition): progress.offset},
            clock=self.clock,
            bound_s=self.bound_s,
        )
        return [message for message in waiting if message.offset() not in progress.done]

    def _sent_back(self, letter: Letter, replay_id: str, act: Act) -> Write:
        headers: Headers = [
            *names.without(letter.headers, FAILURE),
            (names.REPLAY_ID, replay_id.encode()),
            (names.REPLAY_COUNT, str(letter.replays + 1).encode()),
            (names.REPLAY_BY, act.by.encode()),
            (names.REPLAY_AT, act.at.isoformat().encode()),
        ]
        return Write(self.desk.retry, letter.partition, letter.key, letter.value, headers)

    def _marker(
        self, letters: Letters, key: bytes, partition: int, replay_id: str, act: Act
    ) -> Write:
        held = letters.held.get(key)
        headers: Headers = [
            (names.REPLAY_ID, replay_id.encode()),
            (names.REPLAY_RELEASE, str(held.sequence if held else 0).encode()),
            (names.REPLAY_BY, act.by.encode()),
            (names.REPLAY_AT, act.at.isoformat().encode()),
        ]
        return Write(self.desk.retry, partition, key, None, headers)

    def _audit(self, action: str, letter: Letter, replay_id: str, act: Act, why: str = "") -> Write:
        audit = Audit(
            at=act.at,
            by=act.by,
            action=action,
            topic=letter.topic,
            group=self.desk.group,
            partition=letter.partition,
            offset=letter.offset,
            key=letter.key_text,
            replay_id=replay_id,
            detail=why or f"{letter.reason_class} at {letter.origin.effect_id}",
        )
        return Write(
            self.desk.audit, -1, letter.key or b"-", self.codec.encode(self.desk.audit, audit), []
        )

    def _commit(self, writes: Sequence[Write], replay_id: str) -> None:
        def was_committed() -> bool:
            audits = (
                self.codec.decode(self.desk.audit, message.value())
                for message in self._read(self.desk.audit)
            )
            return any(isinstance(one, Audit) and one.replay_id == replay_id for one in audits)

        self.transactions.commit(writes, offsets=None, was_committed=was_committed)

    def _read(self, topic: str) -> list[Message]:
        listed = self.reader.admin.list_topics(topic, TIMEOUT_S).topics[topic].partitions
        return whole.read_whole(
            self.reader,
            whole.from_beginning(topic, listed),
            clock=self.clock,
            bound_s=self.bound_s,
        )


def by_key(letters: Sequence[Letter]) -> list[list[Letter]]:
    """Group letters by key, each group in the order of the source."""

    def of(letter: Letter) -> tuple[int, bytes]:
        return letter.partition, letter.key or b""

    ordered = sorted(letters, key=lambda one: (of(one), one.origin.offset))
    return [list(group) for _, group in groupby(ordered, key=of)]


def within_loop_guard(letters: Sequence[Letter]) -> tuple[list[Letter], list[Letter]]:
    """Split letters into those that may be sent back and those that came back too often."""
    may = [letter for letter in letters if letter.replays < REPLAYS_MAX]
    return may, [letter for letter in letters if letter.replays >= REPLAYS_MAX]

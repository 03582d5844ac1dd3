"""Sends dead letters back, gives them up, or lets their key go: an operator's acts, in order.

A tool never touches a hold. It appends the letters of a key, in the order of the source, to the
retry partition that is the key's lock, and behind them a marker with the last dead letter it has
seen. The owner of the partition runs them and, if nothing was added meanwhile, lets the key go.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final
from uuid import uuid4

from isthmus.kafka import headers as names
from isthmus.kafka import whole
from isthmus.kafka.clients import Headers
from isthmus.kafka.codec import Codec
from isthmus.kafka.dead_letters import Letter, Letters, letters_of
from isthmus.kafka.done_map import Progress
from isthmus.kafka.letterbox import Act, Letterbox
from isthmus.kafka.letters import Write
from isthmus.kafka.positions import PositionLog
from isthmus.kafka.reader import BEGINNING, Reader
from isthmus.kafka.topology import Topology
from isthmus.kafka.transactions import Transactions
from isthmus.messages.control import Audit
from isthmus.ops.clock import Clock

REPLAYS_MAX: Final = 5

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
    positions: str
    audit: str

    @classmethod
    def of(cls, topology: Topology, topic: str, group: str) -> Desk:
        """Return the desk of a consumer group on a topic of the list."""
        return cls(
            group=topology.group(group),
            dlq=topology.dlq(topic, group),
            retry=topology.retry(topic, group),
            held=topology.held(topic, group),
            positions=topology.positions(topic, group),
            audit=topology.audit,
        )


class ReplayInProgress(Exception):
    """Records of the key that were sent back earlier still wait; one replay per key at a time."""


@dataclass(slots=True)
class Operator:
    """Looks at the letters of a desk and acts on them."""

    desk: Desk
    reader: Reader
    transactions: Transactions
    codec: Codec
    clock: Clock
    bound_s: float = 60.0
    _box: Letterbox = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Open the letterbox of the desk."""
        self._box = Letterbox(
            dlq=self.desk.dlq,
            audit=self.desk.audit,
            group=self.desk.group,
            reader=self.reader,
            transactions=self.transactions,
            codec=self.codec,
            clock=self.clock,
            bound_s=self.bound_s,
        )

    def look(self) -> Letters:
        """Read all letters, what was done to them, and the keys that are held."""
        # What is on its way back first: if it fails between two readings, its new letters must be
        # among those that are read. Letters behind it would overtake it.
        returning = frozenset(self._returning(self._box.partitions(self.desk.retry)))
        # Then the holds: a marker vouches for every letter up to the sequence that it names, so
        # that sequence must not be newer than the letters that were read.
        held = self._box.read(self.desk.held)
        dead, audits = self._box.letters(), self._box.audits()
        return letters_of(dead, audits=audits, held=held, returning=returning, codec=self.codec)

    def replay(self, letters: Letters, chosen: Sequence[Letter], act: Act) -> int:
        """Send letters of one key back, in one transaction; return how many.

        :raises ReplayInProgress: earlier ones of the key still wait.
        """
        key, partition = self._one_key(letters, chosen)
        replay_id = uuid4().hex
        writes = [self._sent_back(letter, replay_id, act) for letter in chosen]
        writes.append(self._marker(letters, key, partition, replay_id, act))
        writes += [self._box.entry("replay", letter, replay_id, act) for letter in chosen]
        self._box.commit(writes, replay_id)
        return len(chosen)

    def discard(self, letters: Letters, chosen: Sequence[Letter], act: Act, *, why: str) -> int:
        """Give letters of one key up; return how many. The key goes on without them.

        :raises ReplayInProgress: earlier ones of the key still wait.
        """
        key, partition = self._one_key(letters, chosen)
        replay_id = uuid4().hex
        writes = [self._box.entry("discard", letter, replay_id, act, why) for letter in chosen]
        writes.append(self._marker(letters, key, partition, replay_id, act))
        self._box.commit(writes, replay_id)
        return len(chosen)

    def release(self, letters: Letters, key: bytes, partition: int, act: Act) -> None:
        """Let a key go; its letters stay open.

        :raises ReplayInProgress: records of the key that were sent back still wait.
        """
        self._refuse_overlap(letters, key, partition)
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
        self._box.commit([marker, Write(self.desk.audit, -1, key or b"-", encoded, [])], replay_id)

    def _one_key(self, letters: Letters, chosen: Sequence[Letter]) -> tuple[bytes, int]:
        keys = {(letter.key or b"", letter.partition) for letter in chosen}
        if len(keys) != 1:
            raise ValueError("letters of exactly one key are dealt with at a time")
        (key, partition) = keys.pop()
        self._refuse_overlap(letters, key, partition)
        return key, partition

    def _refuse_overlap(self, letters: Letters, key: bytes, partition: int) -> None:
        if key in letters.returning or key in self._returning([partition]):
            raise ReplayInProgress(
                f"an earlier replay of {key.decode('utf-8', errors='replace')} still waits in"
                f" {self.desk.retry}, or did when you looked; look again when it is through"
            )

    def _returning(self, partitions: Iterable[int]) -> Iterator[bytes]:
        """Yield the keys of which records that were sent back still wait."""
        starts = self._positions(partitions)
        waiting = whole.read_whole(
            self.reader,
            {(self.desk.retry, one): position.offset for one, position in starts.items()},
            clock=self.clock,
            bound_s=self.bound_s,
        )
        for message in waiting:
            is_done = message.offset() in starts[message.partition() or 0].done
            if not is_done and names.REPLAY_ID in names.last_values(message.headers()):
                yield message.key() or b""

    def _positions(self, partitions: Iterable[int]) -> dict[int, Progress]:
        """Read where the owners of these partitions stand in the retry topic."""
        encode, decode = self.codec.encode, self.codec.decode
        logs = [PositionLog(self.desk.positions, one, encode, decode) for one in partitions]
        deadline = self.clock.monotonic() + self.bound_s
        while not all([log.advance(self.reader) for log in logs]):  # noqa: C419 - all of them
            if self.clock.monotonic() > deadline:
                raise whole.NotReadInTime(
                    f"{self.desk.positions} not read in {self.bound_s:g} s: is Kafka reachable?"
                )
            if not self.reader.poll():
                self.clock.sleep(self.clock.factor * whole.TURN_S)
        return {log.partition: log.retry or Progress(offset=BEGINNING) for log in logs}

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

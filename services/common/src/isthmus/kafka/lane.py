"""The engine of one partition: which record may run, and what follows when it has.

A lane is source partition *p* and retry partition *p* of one consumer group. The retry partition
**is** the lock of its keys: while a record of a key is parked there, later records of that key
queue up behind it and never overtake. Nothing here touches Kafka, a thread or a clock; the worker
feeds records in and carries the ``writes`` out, in one transaction with the ``progress``.
"""

from __future__ import annotations

import heapq
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from isthmus.core.errors import Retryable, Unknown
from isthmus.kafka import letters
from isthmus.kafka.done_map import Progress
from isthmus.kafka.groups import Groups
from isthmus.kafka.held_keys import HeldKeys
from isthmus.kafka.item import Item, nbytes
from isthmus.kafka.letters import Failure, ParkCause, Stage, Write
from isthmus.kafka.log import Log
from isthmus.kafka.parked import Parked
from isthmus.kafka.policy import Exhausted, RetryPolicy
from isthmus.kafka.positions import PositionLog
from isthmus.kafka.stopwatch import Timings

# What was decided of records: the outcome, its reason class, the stage.
Decision = tuple[str, str, str]
OK: Final[Decision] = ("ok", "", "")
OK_AGAIN: Final[Decision] = ("retried", "", "")
COLLECTED: Final[Decision] = ("collected", "", "")


@dataclass(slots=True)
class KeyQueue:
    """What waits of one key, oldest first: the parked, then those of the source."""

    # Lists, not deques: an empty deque takes 600 bytes, and there is a queue for each key.
    retry: list[Item] = field(default_factory=list)
    source: list[Item] = field(default_factory=list)
    busy: bool = False


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of one consumer group on one source topic."""

    source: str
    retry: str
    dlq: str
    held: str
    positions: str
    audit: str


class Lane:
    """One ownership of a source partition and its retry partition."""

    def __init__(
        self,
        *,
        topics: Topics,
        partition: int,
        group: str,
        policy: RetryPolicy,
        source: Log,
        retry: Log,
        parked: Parked,
        counted_to: int,
        held: HeldKeys,
        positions: PositionLog,
    ) -> None:
        self.topics = topics
        self.partition = partition
        self.group = group
        self.source = source
        self.retry = retry
        self.held = held
        self.positions = positions
        self.closed = False
        self.changed = False
        self.writes: list[Write] = []
        self.parked = parked
        self.running: set[Item] = set()
        self.groups = Groups()
        self.tally: Counter[Decision] = Counter()
        self.timings = Timings()
        self._policy = policy
        self._counted_to = counted_to
        self._queues: dict[bytes, KeyQueue] = {}
        self._ready: deque[Item] = deque()
        self._timers: list[tuple[int, int, Item]] = []
        self._ticket = count()

    # What comes in.

    def receive(self, items: Iterable[Item], *, now_ms: int) -> None:
        """Take records of the source or the retry partition, in the order of the log."""
        for item in items:
            log = self.log_of(item)
            if not log.window.is_news(item.offset):
                log.window.pass_over(item.offset + 1)
                continue
            item.lane, item.read_ms = self, now_ms
            item.crashed = item.offset == log.suspected
            log.window.receive(item.offset, item, nbytes(item))
            self._enqueue(item, now_ms)

    def wake(self, now_ms: int) -> None:
        """Make ready what was waiting for a moment that has come."""
        while self._timers and self._timers[0][0] <= now_ms:
            _, _, item = heapq.heappop(self._timers)
            self._ready.append(item)

    # What runs.

    @property
    def needs_care(self) -> bool:
        """Tell whether records must run alone: owners died here before."""
        return self.source.needs_care or self.retry.needs_care

    @property
    def is_trusted(self) -> bool:
        """Tell whether records may run before they are received: no owner died here lately."""
        return self.source.is_trusted and self.retry.is_trusted

    def may_pass(self, item: Item) -> bool:
        """Tell whether a new record is not done yet and nothing of its key waits."""
        key = item.lane_key
        waits = (
            key in self._queues
            or key in self.parked.keys
            or key in self.held.keys
            or self.groups.waits(key)
        )
        return not waits and self.source.window.is_news(item.offset)

    def take(self) -> Item | None:
        """Hand out the next record to run: the head of its key, and due."""
        if not self._ready:
            return None
        item = self._ready.popleft()
        self.running.add(item)
        return item

    @property
    def has_ready(self) -> bool:
        """Tell whether :meth:`take` would hand something out."""
        return bool(self._ready)

    def log_of(self, item: Item) -> Log:
        """Return the log that the record was read from."""
        return self.retry if item.is_retried else self.source

    def next_due_ms(self) -> int | None:
        """Return when the next timer ends."""
        return self._timers[0][0] if self._timers else None

    # What follows.

    def succeeded(self, item: Item, writes: Iterable[Write], *, now_ms: int) -> None:
        """Take the outputs of a record that is done, and with it the group that it made whole."""
        self.writes.extend(writes)
        for one in (*self.groups.close(item), item):
            self._finish(one)
            self.tally[OK_AGAIN if item.attempts else OK] += 1
        self._leave(item, now_ms)

    def collected(self, item: Item, *, now_ms: int) -> None:
        """Keep a record until its group is whole; the next of its key may run."""
        self.groups.add(item)
        self._leave(item, now_ms)
        self.tally[COLLECTED] += 1

    def abandon(self, group: Sequence[Item], failure: Failure, *, now_ms: int) -> None:
        """Dead-letter a group that does not become whole."""
        self.groups.close(group[-1])
        for member in group:
            self._give_up(member, failure, now_ms)

    def failed(self, item: Item, error: Exception, stage: Stage, *, now_ms: int) -> bool:
        """Decide what an error means: again in place, later, or never.

        Tell whether the record was given up.
        """
        item.attempts += 1
        item.tries_in_place += 1
        item.first_failed_ms = item.first_failed_ms or now_ms
        item.first_tried_ms = item.first_tried_ms or now_ms
        item.unsure = item.unsure or isinstance(error, Unknown)
        if not isinstance(error, Retryable) or self._policy.is_exhausted(
            attempts=item.attempts, first_failed_ms=item.first_failed_ms, now_ms=now_ms
        ):
            self._give_up(item, letters.failure_of(error, stage), now_ms)
            self._leave(item, now_ms)
            return True
        self._try_later(item, error, now_ms)
        return False

    def passed(self, offset: int, writes: Iterable[Write]) -> None:
        """Take the outputs of a record that ran as it came. Ask :meth:`may_pass` first."""
        self.writes.extend(writes)
        self.source.window.receive_done(offset)
        self.changed = True
        self.tally[OK] += 1

    def did_not_pass(self, item: Item, *, now_ms: int) -> None:
        """Receive a record that ran as it came and failed: it runs, until :meth:`failed`."""
        self.receive([item], now_ms=now_ms)
        self.running.add(self._ready.pop())

    def put_back(self, item: Item) -> None:
        """Take back a record that was handed out and did not run."""
        self.running.discard(item)
        self._ready.append(item)

    def give_up(self, item: Item, failure: Failure, *, now_ms: int) -> None:
        """Dead-letter a record that was handed out and must not run again."""
        self._give_up(item, failure, now_ms)
        self._leave(item, now_ms)

    def progress(self, token: str) -> dict[str, Progress]:
        """Return what to commit, by topic: source, then retry."""
        return {
            self.topics.source: self.source.progress(token),
            self.topics.retry: self.retry.progress(token),
        }

    def ends_well(self) -> None:
        """Note that the ownership ends in good order; the next commit says so."""
        self.source.ends_well()
        self.retry.ends_well()
        self.changed = True

    def committed(self) -> None:
        """Note that all that was handed over is durable."""
        self.writes.clear()
        self.changed = False
        self.source.committed()
        self.retry.committed()

    # How it works.

    def _enqueue(self, item: Item, now_ms: int) -> None:
        queue = self._queues.setdefault(item.lane_key, KeyQueue())
        if not item.is_retried:
            queue.source.append(item)
        else:
            queue.retry.append(item)
            # Our own appends were counted when parked; a tool's are counted when first seen.
            if item.offset >= self._counted_to and (item.replay_id or item.release is not None):
                self.parked.add(item.key, item.value, item.headers)
        self._settle(item.lane_key, queue, now_ms)

    def _settle(self, key: bytes, queue: KeyQueue, now_ms: int) -> None:
        """Move the key on until a record of it is ready or waits, or none is left."""
        while not queue.busy:
            if queue.retry:
                self._judge_retried(queue.retry[0], queue, now_ms)
            elif queue.source:
                self._judge_new(queue.source[0], queue, now_ms)
            else:
                self._queues.pop(key, None)
                return

    def _judge_new(self, item: Item, queue: KeyQueue, now_ms: int) -> None:
        # Parked comes first, even for a held key: its older records are still on their way to
        # the dead letters, and would be overtaken there.
        if self.parked[item.lane_key] > 0:
            queue.source.pop(0)
            self._park(item, ParkCause.PREDECESSOR, ParkCause.PREDECESSOR.value, now_ms)
        elif item.lane_key in self.held.keys:
            queue.source.pop(0)
            self._bury_behind(item, now_ms)
        else:
            queue.busy = True
            self._ready.append(item)

    def _judge_retried(self, item: Item, queue: KeyQueue, now_ms: int) -> None:
        if item.release is not None:
            queue.retry.pop(0)
            if members := self.groups.members(item):
                # The rest was not sent back with them, and cannot be while they wait.
                self.abandon(members, letters.INCOMPLETE, now_ms=now_ms)
            self._release(item, now_ms)
        elif self.held.stops(item):
            queue.retry.pop(0)
            self._bury_behind(item, now_ms)
        else:
            queue.busy = True
            self._wait_until(item, item.due_ms, now_ms)

    def _wait_until(self, item: Item, due_ms: int, now_ms: int) -> None:
        if due_ms <= now_ms:
            self._ready.append(item)
        else:
            heapq.heappush(self._timers, (due_ms, next(self._ticket), item))

    def _leave(self, item: Item, now_ms: int) -> None:
        """Take a record that ran off its queue and let the key move on."""
        self.running.discard(item)
        queue = self._queues[item.lane_key]
        (queue.retry if item.is_retried else queue.source).pop(0)
        queue.busy = False
        self._settle(item.lane_key, queue, now_ms)

    def _try_later(self, item: Item, error: Retryable, now_ms: int) -> None:
        self.tally["again", error.reason_class, ""] += 1
        after_ms = None if error.after_s is None else error.after_s * 1000
        wait_ms = max(after_ms or 0.0, self._policy.in_place_wait_ms())
        if self._policy.tries_in_place(
            tries=item.tries_in_place, since_ms=item.first_tried_ms, wait_ms=wait_ms, now_ms=now_ms
        ):
            self.running.discard(item)
            self._wait_until(item, now_ms + int(wait_ms), now_ms)
            return
        item.due_ms = now_ms + self._policy.backoff_ms(item.attempts, after_ms=after_ms)
        item.tries_in_place, item.first_tried_ms = 0, 0
        if item.is_retried:
            # It keeps its place: appended anew it would stand behind its successors.
            self.running.discard(item)
            item.waits_since_ms = now_ms
            self._wait_until(item, item.due_ms, now_ms)
        else:
            self._park(item, ParkCause.OWN_FAILURE, error.reason_class, now_ms)
            self._leave(item, now_ms)

    def _park(self, item: Item, cause: ParkCause, reason: str, now_ms: int) -> None:
        for member in self.groups.close(item):
            self._park(member, ParkCause.PREDECESSOR, ParkCause.PREDECESSOR.value, now_ms)
        write = letters.parked(
            item,
            topic=self.topics.retry,
            group=self.group,
            cause=cause,
            reason=reason,
            now_ms=now_ms,
        )
        self.writes.append(write)
        self.parked.add(write.key, write.value, write.headers)
        self._finish(item)
        self.tally["parked", reason, ""] += 1

    def _give_up(self, item: Item, failure: Failure, now_ms: int) -> None:
        for member in self.groups.close(item):
            self._give_up(member, failure, now_ms)
        holds = self._policy.exhausted is Exhausted.HOLD
        sequence = self.held.next_sequence(item.lane_key, now_ms)
        if holds or item.lane_key in self.held.keys:
            self.writes.append(self.held.hold(item, failure.reason_class, sequence, now_ms))
        self._bury(item, failure, sequence, now_ms)
        self.tally["dlq", failure.reason_class, failure.stage.value] += 1

    def _bury_behind(self, item: Item, now_ms: int) -> None:
        for member in self.groups.close(item):
            self._bury_behind(member, now_ms)
        sequence = self.held.next_sequence(item.lane_key, now_ms)
        self.writes.append(self.held.follow(item, sequence))
        self._bury(item, letters.HELD_BEHIND, sequence, now_ms)
        self.tally["dlq", letters.HELD_BEHIND.reason_class, Stage.HELD.value] += 1

    def _bury(self, item: Item, failure: Failure, sequence: int, now_ms: int) -> None:
        self.writes.append(
            letters.dead(
                item,
                failure,
                topic=self.topics.dlq,
                group=self.group,
                sequence=sequence,
                now_ms=now_ms,
            )
        )
        self._finish(item)

    def _release(self, item: Item, now_ms: int) -> None:
        self.writes.extend(self.held.release(item, now_ms))
        self._finish(item)
        self.tally["released", "", ""] += 1

    def _finish(self, item: Item) -> None:
        self.log_of(item).window.finish(item.offset)
        if item.is_retried:
            self.parked.remove(item.key, item.value, item.headers)
        self.changed = True

"""The loop of a stage or a sink: one thread owns the clients, everything else is data.

Each turn takes records in, restores what was assigned, hands out what may run, collects what is
complete, and commits outputs, retries, dead letters, held keys and offsets in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from confluent_kafka import TopicPartition

from isthmus.kafka import letters
from isthmus.kafka.assignment import at_their_ends
from isthmus.kafka.bound import Bound
from isthmus.kafka.clients import Consumer, Message
from isthmus.kafka.commits import Commits
from isthmus.kafka.consumer_errors import judge
from isthmus.kafka.dead_letter_limit import DeadLetterLimit
from isthmus.kafka.execution import Completion, Execution, Inline, attempt
from isthmus.kafka.failure_log import FailureLog
from isthmus.kafka.item import Item, from_retry, from_source
from isthmus.kafka.lane import Lane
from isthmus.kafka.observer import Observer
from isthmus.kafka.ownership import Ownership
from isthmus.kafka.pauses import Pauses
from isthmus.kafka.reader import Reader
from isthmus.kafka.stall import StallWatch
from isthmus.kafka.transactions import Fenced
from isthmus.ops.clock import Clock

FETCH_MAX: Final = 1000
PATIENCE_IDLE_S: Final = 0.05
PATIENCE_BUSY_S: Final = 0.005
TIDY_EVERY_S: Final = 5.0


class Worker:
    """Runs the records of a workload. :meth:`step` is one turn; nothing blocks beyond it."""

    def __init__(
        self,
        *,
        subscription: list[str],
        consumer: Consumer,
        ownership: Ownership,
        reader: Reader,
        commits: Commits,
        execution: Execution,
        work: Callable[[Item], list[letters.Write]],
        limit: DeadLetterLimit,
        pauses: Pauses,
        bound: Bound,
        clock: Clock,
        observer: Observer,
        stall: StallWatch,
        incremental: bool = False,
    ) -> None:
        self._subscription = subscription
        self._consumer = consumer
        self._ownership = ownership
        self._reader = reader
        self._commits = commits
        self._execution = execution
        self._work = work
        self._limit = limit
        self._pauses = pauses
        self._bound = bound
        self._clock = clock
        self._observer = observer
        self._stall = stall
        self._failures = FailureLog(clock)
        self._incremental = incremental
        self._fatal: Exception | None = None
        self._set_aside: list[Item] = []
        self._tidied_at = clock.monotonic()
        self._draining = False

    def start(self) -> None:
        """Fence the slot's former self, and join the group."""
        self._commits.open()
        self._ownership.open_global_tables()
        self._pauses.open(self._reader)
        self._consumer.subscribe(
            self._subscription,
            on_assign=self._on_assign,
            on_revoke=self._on_revoke,
            on_lost=self._on_lost,
        )

    def step(self) -> None:
        """Turn the loop once.

        :raises Fenced: the process must end without closing.
        :raises DeadLetterLimitReached: it must end, and people must look.
        :raises Stalled: it makes no progress.
        """
        with self._observer.phase("poll"):
            self._receive()
        with self._observer.phase("restore"):
            self._reader.poll()
            self._ownership.advance()
        with self._observer.phase("run"):
            self._hand_out()
        self._collect()
        with self._observer.phase("commit"):
            self._commit()
        self._give_up_groups()
        self._ownership.regulate(self._is_open)
        self._tidy()
        self._stall.look(self._ownership.lanes.values(), self._execution)
        self._observer.turned(self._ownership, stalls=self._stall.is_suspicious)

    def drain(self, *, until: float) -> None:
        """Take nothing more on, let what runs finish until then, commit, and leave.

        :param until: monotonic seconds.
        """
        self._draining = True
        self._finish_running(until)
        self._consumer.close()
        self._raise_fatal()
        self._execution.stop()
        self._commits.close()

    @property
    def is_ready(self) -> bool:
        """Tell whether every partition that was assigned runs."""
        return bool(self._ownership.lanes) and not self._ownership.is_restoring

    # Taking records in.

    def _receive(self) -> None:
        messages = list(self._consumer.consume(1, self._patience()))
        self._raise_fatal()
        if messages:
            messages += self._consumer.consume(FETCH_MAX - 1, 0)
            self._raise_fatal()
            with self._observer.consuming(messages):
                self._take_in(messages)

    def _take_in(self, messages: list[Message]) -> None:
        by_place: dict[tuple[str, int], list[Message]] = {}
        for message in messages:
            if error := message.error():
                judge(error)
            else:
                place = (message.topic() or "", message.partition() or 0)
                by_place.setdefault(place, []).append(message)
        for lane in list(self._ownership.lanes.values()):
            if retried := by_place.get((lane.topics.retry, lane.partition)):
                lane.receive(map(from_retry, retried), now_ms=self._now_ms())
            if fresh := by_place.get((lane.topics.source, lane.partition)):
                self._observer.consumed(lane, len(fresh))
                self._take_fresh(lane, fresh)

    def _take_fresh(self, lane: Lane, messages: list[Message]) -> None:
        """Run records of keys of which nothing waits as they come; queue the others up.

        A pure function on the loop's own thread needs no queue of keys: this is what makes a
        stage as fast as a bare loop, also while other keys are parked or held.
        """
        items = map(from_source, messages)
        if not isinstance(self._execution, Inline) or self._pauses.any or not lane.is_trusted:
            lane.receive(items, now_ms=self._now_ms())
            return
        for item in items:
            if lane.may_pass(item):
                self._run_at_once(lane, item)
            else:
                lane.receive([item], now_ms=self._now_ms())
            if len(lane.writes) >= self._bound.batch:
                self._commit()

    def _run_at_once(self, lane: Lane, item: Item) -> None:
        item.lane = lane
        completion = attempt(self._work, item)
        if completion.is_member:
            lane.did_not_pass(item, now_ms=self._now_ms())
            lane.collected(item, now_ms=self._now_ms())
        elif completion.error is None:
            lane.passed(item.offset, completion.writes)
            self._note_done(lane, completion.writes)
        else:
            lane.did_not_pass(item, now_ms=self._now_ms())
            self._take_failure(completion)

    def _patience(self) -> float:
        lanes = self._ownership.lanes.values()
        if any(lane.changed for lane in lanes):
            return 0.0
        if self._execution.room > 0 and any(lane.has_ready for lane in lanes):
            return 0.0
        if self._execution.in_flight or self._ownership.is_restoring:
            return PATIENCE_BUSY_S
        due = [at for lane in lanes if (at := lane.next_due_ms()) is not None]
        wait_s = (min(due) - self._now_ms()) / 1000 if due else PATIENCE_IDLE_S
        return min(max(wait_s, 0.0), PATIENCE_IDLE_S)

    # Running them.

    def _hand_out(self) -> None:
        if self._draining:
            return
        now_ms = self._now_ms()
        lanes = list(self._ownership.lanes.values())
        for lane in lanes:
            lane.wake(now_ms)
        if self._set_aside and self._pauses.changed():
            for item in self._set_aside:
                item.lane.put_back(item)
            self._set_aside.clear()
        if any(lane.needs_care for lane in lanes):
            self._hand_out_one(lanes)
            return
        deadline = self._clock.monotonic() + self._bound.batch_s
        while self._execution.room > 0 and (open_lanes := [one for one in lanes if one.has_ready]):
            for lane in open_lanes:
                self._submit(lane)
            if self._clock.monotonic() > deadline:
                return

    def _submit(self, lane: Lane) -> None:
        item = lane.take()
        if item is None:
            return
        if self._pauses.stops(item.lane_key):
            lane.running.discard(item)
            self._set_aside.append(item)
            return
        if item.is_retried and not item.tries_in_place:
            self._observer.retried(item)
        self._execution.submit(item)

    def _hand_out_one(self, lanes: list[Lane]) -> None:
        """Run a single record in the whole process, and write down first which one it is."""
        if self._execution.in_flight:
            return
        for lane in lanes:
            item = lane.take()
            if item is None:
                continue
            if item.crashed:
                lane.give_up(item, letters.CRASHED, now_ms=self._now_ms())
                self._limit.note(given_up=True)
                return
            lane.log_of(item).suspect = item.offset
            lane.changed = True
            self._commit()
            self._execution.submit(item)
            return

    def _collect(self) -> None:
        for completion in self._execution.collect():
            item, lane = completion.item, completion.item.lane
            if lane.closed:
                continue
            if lane.log_of(item).suspect is not None:
                lane.log_of(item).suspect = None
                lane.changed = True
            if completion.is_member:
                lane.collected(item, now_ms=self._now_ms())
                continue
            if completion.error is None:
                lane.succeeded(item, completion.writes, now_ms=self._now_ms())
                self._note_done(lane, completion.writes)
                continue
            self._take_failure(completion)

    def _take_failure(self, completion: Completion) -> None:
        item, error = completion.item, completion.error
        assert error is not None
        self._failures.tell(completion)
        now_ms = self._now_ms()
        if item.lane.failed(item, error, completion.stage, now_ms=now_ms):
            self._limit.note(given_up=True)

    def _give_up_groups(self) -> None:
        """Dead-letter groups that wait for too long, or keep others from being read."""
        now_ms = self._now_ms()
        for lane in self._ownership.lanes.values():
            for group in self._bound.overdue(lane, now_ms):
                lane.abandon(group, letters.INCOMPLETE, now_ms=now_ms)
                self._limit.note(given_up=True)

    def _note_done(self, lane: Lane, writes: list[letters.Write]) -> None:
        self._limit.note(given_up=False)
        tables = self._ownership.tables[lane.topics.source, lane.partition]
        for write in writes:
            if write.topic in tables:
                tables[write.topic].write((write.key or b"").decode(), write.value)

    # Making it durable.

    def _commit(self) -> None:
        lanes = self._ownership.lanes.values()
        self._commits.commit([lane for lane in lanes if lane.changed or lane.writes])

    def _finish_running(self, until: float) -> None:
        while self._execution.in_flight and self._clock.monotonic() < until:
            self._collect()
            self._commit()
            self._clock.sleep(self._clock.factor * PATIENCE_BUSY_S)
        self._collect()
        for lane in self._ownership.lanes.values():
            lane.ends_well()
        self._commit()

    # What the group says. An exception in here would surface in the wrong place: it is kept.

    def _on_assign(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._observer.rebalanced("assign", len(partitions))
        try:
            # From the end, and paused: until the position is known nothing must be fetched, and
            # what slips through before the pause holds exists there, in a trimmed log as well.
            places = at_their_ends(
                consumer, partitions, clock=self._clock, within_s=self._bound.rebalance_s
            )
            if self._incremental:
                consumer.incremental_assign(places)
            else:
                consumer.assign(places)
            self._ownership.assigned(places)
        except Exception as error:  # noqa: BLE001
            self._fatal = error

    def _on_revoke(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Finish and commit before the partitions go: no result crosses an assignment."""
        began = self._clock.monotonic()
        draining, self._draining = self._draining, True
        try:
            self._finish_running(began + self._bound.rebalance_s)
            self._ownership.revoked(partitions)
            self._set_aside = [item for item in self._set_aside if not item.lane.closed]
            if self._incremental:
                consumer.incremental_unassign(partitions)
            else:
                consumer.unassign()
        except Exception as error:  # noqa: BLE001
            self._fatal = error
        finally:
            self._draining = draining
        self._observer.revoked(self._clock.monotonic() - began, len(partitions))

    def _on_lost(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._observer.rebalanced("lost", len(partitions))
        self._fatal = Fenced("the group went on without this process: its session ran out")

    def _raise_fatal(self) -> None:
        if self._fatal is not None:
            raise self._fatal

    # Housekeeping.

    def _is_open(self, lane: Lane, is_retry: bool) -> bool | None:
        if self._pauses.workload:
            return False
        return self._bound.admits(lane, is_retry=is_retry)

    def _tidy(self) -> None:
        """Move idle commits past the markers that transactions leave: lag tools count them."""
        if self._clock.monotonic() - self._tidied_at < TIDY_EVERY_S:
            return
        self._tidied_at = self._clock.monotonic()
        for lane in self._ownership.lanes.values():
            for topic, one in ((lane.topics.source, lane.source), (lane.topics.retry, lane.retry)):
                (place,) = self._consumer.position([TopicPartition(topic, lane.partition)])
                if place.offset > one.window.position and not len(one.window):
                    one.window.pass_over(place.offset)
                    lane.changed = True

    def _now_ms(self) -> int:
        return int(self._clock.now().timestamp() * 1000)

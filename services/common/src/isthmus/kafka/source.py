"""The loop of a source: each account has one owner, and its facts stand or fall with its cursor."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog
from confluent_kafka import TopicPartition

from isthmus.core.errors import Rejected, Retryable
from isthmus.core.records import Batch, Output, Poll, Refused
from isthmus.kafka import headers as names
from isthmus.kafka.account_state import AccountState
from isthmus.kafka.clients import Consumer, Headers
from isthmus.kafka.codec import Codec
from isthmus.kafka.consumer_errors import judge
from isthmus.kafka.letters import Stage, Write
from isthmus.kafka.reader import Reader
from isthmus.kafka.topology import Topology
from isthmus.kafka.transactions import Fenced, Transactions
from isthmus.messages.control import Checkpoint
from isthmus.ops.clock import Clock
from isthmus.ops.configuration import ConfigurationError, Problem
from isthmus.ops.health import Heartbeat
from isthmus.ops.tracing import NoTracing, Tracing

RAW_BYTES_MAX: Final = 64 * 1024
REFUSED_PAUSE_S: Final = 300.0
RETRY_PAUSE_S: Final = 5.0
PATIENCE_S: Final = 0.2
LOOK_S: Final = 10.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Feed:
    """Something that is polled again and again.

    :param every_s: seconds from the end of one poll to the next, before the clock factor.
    """

    name: str
    every_s: float
    poll: Poll


@dataclass(slots=True)
class AccountOwner:
    """Polls the feeds of one account. Runs on a thread of its own with a producer of its own.

    The transactional id names the account, so that taking an account over fences its former
    owner at once, wherever it hangs.
    """

    account: str
    service: str
    feeds: Sequence[Feed]
    topology: Topology
    codec: Codec
    transactions: Transactions
    state: AccountState
    clock: Clock
    fact_bytes_max: int
    is_paused: Callable[[str], bool]
    tracing: Tracing = field(default_factory=NoTracing)
    stop: threading.Event = field(default_factory=threading.Event)
    failure: BaseException | None = None
    batches: int = 0

    def run(self) -> None:
        """Poll until stopped; what ends it otherwise is kept in ``failure``."""
        try:
            self.transactions.open()
            self.state.restore(self.account, self.stop)
            due = {feed.name: 0.0 for feed in self.feeds}
            while not self.stop.is_set():
                for feed in self.feeds:
                    if due[feed.name] <= self.clock.monotonic() and not self.stop.is_set():
                        pause_s = self._poll(feed)
                        due[feed.name] = self.clock.monotonic() + self.clock.scaled(pause_s)
                self.stop.wait(
                    min(PATIENCE_S, max(0.0, min(due.values()) - self.clock.monotonic()))
                )
        except BaseException as error:  # noqa: BLE001 - the loop that owns the group must see it
            self.failure = error
        finally:
            self.state.close()
            self.transactions.close()

    def _poll(self, feed: Feed) -> float:
        """Poll a feed until it has caught up; return the pause before it is polled again."""
        if self.is_paused(self.account):
            return feed.every_s
        checkpoint = self.state.checkpoint(self.account, feed.name)
        try:
            for batch in feed.poll(self.account, checkpoint.position if checkpoint else None):
                if self.stop.is_set():
                    return 0.0
                self._write(feed, batch)
        except Retryable as error:
            log.warning("feed.interrupted", account=self.account, feed=feed.name, why=error.detail)
            return error.after_s or RETRY_PAUSE_S
        except Rejected as error:
            log.error("feed.refused", account=self.account, feed=feed.name, why=error.detail)
            return REFUSED_PAUSE_S
        return feed.every_s

    def _write(self, feed: Feed, batch: Batch) -> None:
        before = self.state.checkpoint(self.account, feed.name)
        sequence = before.sequence + 1 if before else 1
        checkpoint = Checkpoint(
            account=self.account,
            feed=feed.name,
            position=batch.cursor,
            sequence=sequence,
            sha256=hashlib.sha256(batch.cursor.encode()).hexdigest(),
        )
        writes: list[Write] = []
        for index, output in enumerate(batch.outputs):
            event_id = f"{feed.name}/{self.account}/{sequence}#{index}"
            # A trace for each fact: one of a batch would hold a hundred orders.
            with self.tracing.span(f"{output.topic} create") as span:
                writes.append(self._fact(output, event_id, span.headers))
        writes.extend(self._letter(refused) for refused in batch.refused)
        writes.append(self.state.write(checkpoint))
        self.transactions.commit(
            writes, offsets=None, was_committed=lambda: self.state.reread(checkpoint)
        )
        self.state.committed(checkpoint)
        self.batches += 1

    def _fact(self, output: Output, event_id: str, trace: Mapping[str, bytes]) -> Write:
        topic = self.topology.name(output.topic)
        value = None if output.value is None else self.codec.encode(topic, output.value)
        if value is not None and len(value) > self.fact_bytes_max:
            return self._letter(
                Refused(
                    topic=output.topic,
                    key=output.key,
                    raw=value,
                    reason_class="oversized",
                    detail=f"the fact has {len(value)} bytes; {self.fact_bytes_max} are allowed",
                )
            )
        headers: Headers = [
            (names.EVENT_ID, event_id.encode()),
            (names.EVENT_SOURCE, self.service.encode()),
            *{**output.headers, **trace}.items(),
        ]
        self.state.wrote(topic, output.key, value)
        return Write(topic, -1, output.key.encode(), value, headers)

    def _letter(self, refused: Refused) -> Write:
        now_ms = int(self.clock.now().timestamp() * 1000)
        ours = {
            names.ORIGIN_TOPIC: self.topology.name(refused.topic),
            names.ORIGIN_GROUP: self.service,
            names.FAILED_AT: str(now_ms),
            names.MESSAGE: refused.detail,
            names.STAGE: Stage.SOURCE.value,
            names.REASON_CLASS: refused.reason_class,
            names.PATH: refused.path,
        }
        raw = refused.raw
        if len(raw) > RAW_BYTES_MAX:
            ours[names.RAW_SHA256] = hashlib.sha256(raw).hexdigest()
            ours[names.RAW_SIZE] = str(len(raw))
            raw = raw[:RAW_BYTES_MAX]
        topic = self.topology.dlq(refused.topic, self.service)
        return Write(topic, -1, refused.key.encode(), raw, names.merge(None, ours))


@dataclass(slots=True)
class Source:
    """One process of a source: a member of the group that hands out accounts.

    :param accounts: by the number of their partition in ``<service>.accounts``.
    :param owner_of: makes the owner of an account, with clients of its own.
    """

    topic: str
    consumer: Consumer
    accounts: Sequence[str]
    owner_of: Callable[[str], AccountOwner]
    clock: Clock
    rebalance_budget_s: float
    heartbeat: Heartbeat
    control: Reader
    _owners: dict[int, tuple[AccountOwner, threading.Thread]] = field(default_factory=dict)
    _fatal: Exception | None = None

    def start(self) -> None:
        """Join the group.

        :raises ConfigurationError: an account would have no owner.
        """
        known = self.control.admin.list_topics(self.topic, LOOK_S).topics[self.topic]
        refuse_ownerless(self.accounts, topic=self.topic, partitions=len(known.partitions))
        self.consumer.subscribe(
            [self.topic],
            on_assign=self._on_assign,
            on_revoke=self._on_revoke,
            on_lost=self._on_lost,
        )

    def step(self) -> None:
        """Turn the loop once.

        :raises Fenced: the process must end without closing.
        """
        self.heartbeat.beat()
        self.control.poll()
        for message in self.consumer.consume(1, PATIENCE_S):
            if (error := message.error()) is not None:
                judge(error)
        if self._fatal is not None:
            raise self._fatal
        for owner, _ in self._owners.values():
            if owner.failure is not None:
                raise owner.failure

    def drain(self, *, until: float) -> None:
        """Stop the feeds at the end of what they are writing, and leave."""
        self._stop(list(self._owners), until)
        self.consumer.close()

    @property
    def owned(self) -> list[str]:
        """Return the accounts of this process."""
        return [owner.account for owner, _ in self._owners.values()]

    def _on_assign(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        try:
            places = [TopicPartition(one.topic, one.partition, 0) for one in partitions]
            consumer.assign(places)
            if places:
                consumer.pause(places)
            for place in places:
                self._own(place.partition)
        except Exception as error:  # noqa: BLE001 - it would surface in the wrong place
            self._fatal = error

    def _own(self, number: int) -> None:
        if number >= len(self.accounts) or number in self._owners:
            return
        owner = self.owner_of(self.accounts[number])
        thread = threading.Thread(target=owner.run, name=f"account-{owner.account}", daemon=True)
        self._owners[number] = (owner, thread)
        thread.start()

    def _on_revoke(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        numbers = [one.partition for one in partitions if one.partition in self._owners]
        self._stop(numbers, self.clock.monotonic() + self.rebalance_budget_s)
        consumer.unassign()

    def _on_lost(self, _consumer: Consumer, _partitions: list[TopicPartition]) -> None:
        self._fatal = Fenced("the group went on without this process: its session ran out")

    def _stop(self, numbers: Sequence[int], until: float) -> None:
        """Ask first, then wait. One that hangs in a request is fenced by the next owner."""
        for number in numbers:
            self._owners[number][0].stop.set()
        for number in numbers:
            _, thread = self._owners.pop(number)
            thread.join(max(0.0, until - self.clock.monotonic()))


def refuse_ownerless(accounts: Sequence[str], *, topic: str, partitions: int) -> None:
    """Refuse accounts beyond the partitions that hand them out: nobody would ever read them.

    :param topic: ``<source>.accounts``.
    :raises ConfigurationError: there are more accounts than partitions.
    """
    if len(accounts) <= partitions:
        return
    without = ", ".join(accounts[partitions:])
    what = (
        f"{topic} has {partitions} partition(s) for {len(accounts)} accounts: {without} would have"
        " no owner, and never be read"
    )
    remedy = (
        f"set accounts: {len(accounts)} or more for this source under sources in"
        " schemas/topics.yaml, run isthmusctl topics apply, and start again"
    )
    raise ConfigurationError([Problem("schemas/topics.yaml", what, remedy)])

"""A world of one source partition and one retry partition, for checking lanes by crashing them.

All that survives a crash is ``Durable``: the logs, the commits, the held keys, the effects. The
lane under test is the real one; only Kafka around it is a few lists.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field, replace

import msgspec

from isthmus.core.errors import Rejected, Retryable
from isthmus.kafka import done_map
from isthmus.kafka import headers as names
from isthmus.kafka.clients import Headers
from isthmus.kafka.done_map import Progress
from isthmus.kafka.held_keys import HeldKeys
from isthmus.kafka.item import Item, from_retry, from_source
from isthmus.kafka.lane import Lane, Topics
from isthmus.kafka.letters import Stage, Write
from isthmus.kafka.log import Log
from isthmus.kafka.parked import Parked
from isthmus.kafka.policy import Exhausted, RetryPolicy
from isthmus.kafka.positions import PositionLog
from isthmus.messages.control import HeldKey

TOPICS = Topics(
    source="t",
    retry="t.g.retry",
    dlq="t.g.dlq",
    held="t.g.held",
    positions="t.g.positions",
    audit="audit",
)
KEYS = 5
EVENTS = 60
FAILURES = (0, 0, 0, 0, 1, 2, 3, 30)  # failures of a record before it succeeds
ATTEMPTS_MAX = 8
SPAN = 8
STEPS_MAX = 6000
CRASHES_MAX = 300


@dataclass(frozen=True)
class Stored:
    """A record in a log, in the shape of the client's message."""

    topic_name: str
    at: int
    key_bytes: bytes | None
    value_bytes: bytes | None
    header_list: Headers

    def topic(self) -> str:
        return self.topic_name

    def partition(self) -> int:
        return 0

    def offset(self) -> int:
        return self.at

    def key(self) -> bytes | None:
        return self.key_bytes

    def value(self) -> bytes | None:
        return self.value_bytes

    def headers(self) -> Headers:
        return self.header_list

    def timestamp(self) -> tuple[int, int]:
        return (1, 0)

    def error(self) -> None:
        return None


@dataclass
class Durable:
    """What a crash leaves."""

    source: list[Stored] = field(default_factory=list)
    retry: list[Stored] = field(default_factory=list)
    dead: list[Stored] = field(default_factory=list)
    held: dict[bytes, bytes] = field(default_factory=dict)
    effects: list[tuple[bytes, int]] = field(default_factory=list)
    committed: dict[str, tuple[int, str]] = field(
        default_factory=lambda: {TOPICS.source: (0, ""), TOPICS.retry: (0, "")}
    )
    audits: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Planted:
    """The parts of the rules that a planted bug replaces."""

    lane: type[Lane] = Lane
    held: type[HeldKeys] = HeldKeys
    forgets_parked: bool = False
    forgets_done: bool = False
    tool_clears_hold: bool = False
    tool_overlaps: bool = False


def decode_held(_topic: str, value: bytes) -> msgspec.Struct:
    return msgspec.json.decode(value, type=HeldKey)


def encode(_topic: str, value: msgspec.Struct) -> bytes:
    return msgspec.json.encode(value)


class World:
    """Runs lanes over a durable state until all is done; crashes them at random moments."""

    def __init__(
        self,
        seed: int,
        *,
        exhausted: Exhausted,
        planted: Planted,
        replays: bool = False,
        group: int = 1,
    ) -> None:
        self.chance = random.Random(seed)
        self.exhausted = exhausted
        self.planted = planted
        self.replays = replays
        self.durable = Durable()
        self.now_ms = 1_000_000
        self.crashes = 0
        self.runs_at_once = seed % 4 == 3  # as a stage does; a sink never
        self.failures = [self.chance.choice(FAILURES) for _ in range(EVENTS)]
        self.span = SPAN if group == 1 else EVENTS
        self.ends: set[int] = set()  # events that make their group whole
        keys = [self.chance.randrange(KEYS) for _ in range(EVENTS // group)] * group
        if group > 1:
            self.chance.shuffle(keys)
        for event, number in enumerate(keys):
            key = b"k%d" % number
            self.durable.source.append(Stored(TOPICS.source, event, key, b"%d" % event, []))
            if keys[: event + 1].count(number) % group == 0:
                self.ends.add(event)

    def run(self) -> None:
        """Go on from crash to crash until everything is done."""
        while not self._own():
            self.crashes += 1
            assert self.crashes < CRASHES_MAX, "it never comes to an end"

    def _own(self) -> bool:
        lane = self._lane()
        progress = {
            topic: done_map.decode(*self.durable.committed[topic])
            for topic in self.durable.committed
        }
        position = {topic: one.offset for topic, one in progress.items()}
        for _ in range(STEPS_MAX):
            self.now_ms += 20
            if self.chance.random() < 0.01:
                return False
            if self.replays and self.chance.random() < 0.03:
                self._replay()
            self._feed(lane, position)
            self._run_one(lane)
            if self.chance.random() < 0.2:
                self._commit(lane)
                if self._is_over(lane):
                    return True
        raise AssertionError(f"not finished after {STEPS_MAX} steps without a crash")

    def _lane(self) -> Lane:
        source, retry = (
            self._progress(TOPICS.source),
            self._progress(TOPICS.retry),
        )
        parked = Parked()
        for one in self.durable.retry[retry.offset :]:
            if one.at not in retry.done and not self.planted.forgets_parked:
                parked.add(one.key_bytes, one.value_bytes, one.header_list)
        held = self.planted.held(
            topic=TOPICS.held,
            audit_topic=TOPICS.audit,
            group="g",
            partition=0,
            encode=encode,
            decode=decode_held,
        )
        for key, value in self.durable.held.items():
            held.load(key, value)
        return self.planted.lane(
            topics=TOPICS,
            partition=0,
            group="g",
            policy=RetryPolicy(
                exhausted=self.exhausted,
                attempts_max=ATTEMPTS_MAX,
                age_max_ms=10**9,
                in_place=self.chance.choice((1, 2)),
                in_place_ms=100,
                backoff_base_ms=20,
                backoff_cap_ms=100,
                chance=self.chance.random,
            ),
            source=Log.resume(source),
            retry=Log.resume(retry),
            parked=parked,
            counted_to=len(self.durable.retry),
            held=held,
            positions=PositionLog(TOPICS.positions, 0, encode, decode_held),
        )

    def _progress(self, topic: str) -> Progress:
        progress = done_map.decode(*self.durable.committed[topic])
        return replace(progress, done=frozenset()) if self.planted.forgets_done else progress

    def _feed(self, lane: Lane, position: dict[str, int]) -> None:
        for topic, log, make, window in (
            (TOPICS.source, self.durable.source, from_source, lane.source.window),
            (TOPICS.retry, self.durable.retry, from_retry, lane.retry.window),
        ):
            if position[topic] < len(log) and window.span < self.span:
                item = make(log[position[topic]])
                if make is from_source and self.runs_at_once and lane.may_pass(item):
                    self._run_at_once(lane, item)
                else:
                    lane.receive([item], now_ms=self.now_ms)
                position[topic] += 1

    def _run_at_once(self, lane: Lane, item: Item) -> None:
        """Run a record as it comes, as a stage does."""
        if int(item.value or b"") not in self.ends:
            lane.did_not_pass(item, now_ms=self.now_ms)
            lane.collected(item, now_ms=self.now_ms)
        elif self.failures[int(item.value or b"")]:
            lane.did_not_pass(item, now_ms=self.now_ms)
            lane.failed(item, Retryable("later"), Stage.PROCESS, now_ms=self.now_ms)
        else:
            lane.passed(item.offset, [Write("effects", 0, item.key, item.value, [])])

    def _run_one(self, lane: Lane) -> None:
        lane.wake(self.now_ms)
        ready = list(iter(lane.take, None))
        self.chance.shuffle(ready)
        for item in ready[1:]:
            lane.put_back(item)
        if ready:
            self._attempt(lane, ready[0])

    def _attempt(self, lane: Lane, item: Item) -> None:
        event = int(item.value or b"")
        if event not in self.ends:
            lane.collected(item, now_ms=self.now_ms)
            return
        fails = item.attempts < self.failures[event]
        if item.replay_id is not None:
            fails = self.chance.random() < 0.3
        if not fails:
            group = (*lane.groups.members(item), item)
            effects = [Write("effects", 0, one.key, one.value, []) for one in group]
            lane.succeeded(item, effects, now_ms=self.now_ms)
        elif item.replay_id is not None:
            lane.failed(item, Rejected("no"), Stage.PROCESS, now_ms=self.now_ms)
        else:
            lane.failed(item, Retryable("later"), Stage.PROCESS, now_ms=self.now_ms)

    def _commit(self, lane: Lane) -> None:
        for write in lane.writes:
            self._apply(write)
        for topic, progress in lane.progress("token").items():
            self.durable.committed[topic] = (progress.offset, done_map.encode(progress))
        lane.committed()

    def _apply(self, write: Write) -> None:
        durable, key = self.durable, write.key or b""
        if write.topic == TOPICS.retry:
            durable.retry.append(_stored(write, len(durable.retry)))
        elif write.topic == TOPICS.dlq:
            durable.dead.append(_stored(write, len(durable.dead)))
        elif write.topic == TOPICS.held and write.value is None:
            durable.held.pop(key, None)
        elif write.topic == TOPICS.held:
            durable.held[key] = write.value or b""
        elif write.topic == "effects":
            durable.effects.append((key, int(write.value or b"")))
        else:
            durable.audits[msgspec.json.decode(write.value or b"")["action"]] += 1

    def _is_over(self, lane: Lane) -> bool:
        committed = self.durable.committed
        return (
            committed[TOPICS.source][0] == len(self.durable.source)
            and committed[TOPICS.retry][0] == len(self.durable.retry)
            and not (self.replays and self._open_letters())
        )

    def _open_letters(self) -> list[Stored]:
        """Return the dead letters that were not sent back more often than they came."""
        sent = Counter(one.value_bytes for one in self.durable.retry if _is_replay(one))
        open_letters: dict[bytes | None, Stored] = {}
        count: Counter[bytes | None] = Counter()
        for letter in self.durable.dead:
            count[letter.value_bytes] += 1
            if count[letter.value_bytes] > sent[letter.value_bytes]:
                open_letters[letter.value_bytes] = letter
        return list(open_letters.values())

    def _replay(self) -> None:
        """Do what an operator's tool does: send the dead letters of a key back, then a marker."""
        letters = self._open_letters()
        if not letters:
            return
        key = self.chance.choice(letters).key_bytes or b""
        if self._is_being_replayed(key) and not self.planted.tool_overlaps:
            return
        replay_id = f"r{len(self.durable.retry)}".encode()
        batch = sorted(
            (one for one in letters if one.key_bytes == key),
            key=lambda one: int(one.value_bytes or b""),
        )
        for letter in batch:
            headers = [*letter.header_list, (names.REPLAY_ID, replay_id)]
            self.durable.retry.append(
                Stored(TOPICS.retry, len(self.durable.retry), key, letter.value_bytes, headers)
            )
        if self.planted.tool_clears_hold:
            self.durable.held.pop(key, None)
            return
        held = self.durable.held.get(key)
        sequence = msgspec.json.decode(held)["sequence"] if held else 0
        marker: Headers = [
            (names.REPLAY_ID, replay_id),
            (names.REPLAY_RELEASE, str(sequence).encode()),
        ]
        self.durable.retry.append(Stored(TOPICS.retry, len(self.durable.retry), key, None, marker))

    def _is_being_replayed(self, key: bytes) -> bool:
        committed = done_map.decode(*self.durable.committed[TOPICS.retry])
        return any(
            one.key_bytes == key and names.REPLAY_ID in dict(one.header_list)
            for one in self.durable.retry[committed.offset :]
            if one.at not in committed.done
        )


def _is_replay(one: Stored) -> bool:
    return one.value_bytes is not None and names.REPLAY_ID in dict(one.header_list)


def _stored(write: Write, at: int) -> Stored:
    return Stored(write.topic, at, write.key, write.value, write.headers)

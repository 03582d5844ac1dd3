"""The invariants, each a pure function of the evidence that returns what breaks it.

I1 nothing lost · I2 nothing doubled · I3 order per key · I4 no overtaking · I5 dead letters whole ·
I6 commits safe · I7 all or nothing · I8 no zombie visible · I9 bounds · I10 all comes to rest ·
I11 retries in time · I12 replays once · I13 all decodes · I14 metrics true.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from isthmus.kafka import headers as names
from isthmus.messages.netsuite import Item, Outcome
from tests.crash.events import Event, event_of
from tests.crash.evidence import FLOWS, Evidence, Raw

Decode = Callable[[str, bytes | None], msgspec.Struct]
SAMPLE = 5


class Checker:
    """Looks at the evidence of one run.

    :param prefix: of the topics in Kafka.
    """

    def __init__(self, evidence: Evidence, *, decode: Decode) -> None:
        self.evidence = evidence
        self.decode = decode
        self.undecodable: list[str] = []
        self.facts = self._events("crash.facts")
        self.commands = self._events("crash.commands")
        self.outcomes = [
            one for one in self._decoded("crash.outcomes") if isinstance(one[1], Outcome)
        ]

    def broken(self) -> dict[str, list[str]]:
        """Return the invariants that are broken, by name, each with examples."""
        checks = {name: list(check(self)) for name, check in INVARIANTS.items()}
        return {name: found for name, found in checks.items() if found}

    def topic(self, name: str) -> list[Raw]:
        """Return the raw records of a topic."""
        return self.evidence.topics.get(name, [])

    def _events(self, topic: str) -> list[tuple[Raw, Event]]:
        return [
            (raw, event_of(value)) for raw, value in self._decoded(topic) if isinstance(value, Item)
        ]

    def _decoded(self, topic: str) -> Iterator[tuple[Raw, msgspec.Struct]]:
        for raw in self.topic(topic):
            try:
                yield raw, self.decode(raw.topic, raw.value)
            except Exception as error:  # noqa: BLE001 - whatever it is, it does not decode
                self.undecodable.append(f"{raw.place}: {error}")


def nothing_lost(check: Checker) -> Iterator[str]:
    """I1: what was put in, and what the source wrote, had its effect and its outcome."""
    facts = {event.name for _, event in check.facts}
    yield from _some("sent, no fact", (one.name for one in check.evidence.sent), minus=facts)
    effects = {effect.name for effect in check.evidence.effects}
    yield from _some("fact, no effect", facts, minus=effects)
    told = {outcome.external_id for _, outcome in check.outcomes if isinstance(outcome, Outcome)}
    yield from _some("effect, no outcome", effects, minus=told)
    yield from _gaps(check)


def _gaps(check: Checker) -> Iterator[str]:
    numbers: defaultdict[str, set[int]] = defaultdict(set)
    for _, event in check.facts:
        if event.key.endswith("/count"):
            numbers[event.key].add(event.n)
    for key, found in numbers.items():
        if found != set(range(len(found))):
            yield f"the source of {key} skipped a number"


def nothing_doubled(check: Checker) -> Iterator[str]:
    """I2: each fact, command and outcome is there once."""
    for what, found in (
        ("fact", [event.name for _, event in check.facts]),
        ("command", [event.name for _, event in check.commands]),
        ("outcome", [one.external_id for _, one in check.outcomes if isinstance(one, Outcome)]),
        ("event id", [_event_id(raw) for raw, _ in check.commands]),
    ):
        doubled = [name for name, times in Counter(found).items() if times > 1]
        yield from _some(f"{what} doubled", doubled)


def order_per_key(check: Checker) -> Iterator[str]:
    """I3: effects, commands and outcomes of a key come in the order of its numbers."""
    yield from _disorder("effects", ((one.key, one.n) for one in check.evidence.effects))
    yield from _disorder("commands", ((one.key, one.n) for _, one in check.commands))


def no_overtaking(check: Checker) -> Iterator[str]:
    """I4: in no topic does a record of a key stand before an earlier one of the key."""
    yield from _disorder("facts", ((one.key, one.n) for _, one in check.facts))
    outcomes = (
        (one.order_id, int(one.external_id.rpartition(":")[2]))
        for _, one in check.outcomes
        if isinstance(one, Outcome)
    )
    yield from _disorder("outcomes", outcomes)


def dead_letters_whole(check: Checker) -> Iterator[str]:
    """I5: each dead letter is its origin, byte for byte; those of a key keep its order."""
    for source, group in FLOWS:
        origins = {raw.place: raw for raw in check.topic(source)}
        for letter in check.topic(f"{source}.{group}.dlq"):
            origin = origins.get(letter.origin)
            if origin is None:
                yield f"dead letter {letter.place} names no origin: {letter.origin}"
            elif (origin.key, origin.value) != (letter.key, letter.value):
                yield f"dead letter {letter.place} differs from {letter.origin}"
            elif missing := set(origin.headers) - set(letter.headers):
                yield f"dead letter {letter.place} lost headers {sorted(missing)}"
        yield from _dead_letters_complete(check, source, group)


def _dead_letters_complete(check: Checker, source: str, group: str) -> Iterator[str]:
    """Each rejection that the outside counted has its letter."""
    letters = Counter(letter.origin for letter in check.topic(f"{source}.{group}.dlq"))
    for raw, event in check.facts if source == "crash.facts" else check.commands:
        rejections = len(check.evidence.failures.get((group, event.name), ()))
        if event.behavior.startswith("dead") and rejections > 0 and not letters[raw.place]:
            yield f"{event.name} was rejected by {group} and has no dead letter"


def commits_safe(check: Checker) -> Iterator[str]:
    """I6: a committed position never goes back, and nothing before it is unfinished."""
    last: dict[tuple[str, str, int], int] = {}
    for commit in check.evidence.commits:
        place = (commit.group, commit.topic, commit.partition)
        if commit.progress.offset < last.get(place, 0):
            yield f"{place} fell from {last[place]} to {commit.progress.offset}"
        last[place] = commit.progress.offset


def all_or_nothing(check: Checker) -> Iterator[str]:
    """I7: each command is the output of a fact that was read, and of nothing else."""
    facts = {raw.place: event.name for raw, event in check.facts}
    for raw, event in check.commands:
        topic, partition, offset = _cause(raw)
        if facts.get((topic, partition, offset)) != event.name:
            yield f"command {event.name} has no fact at {topic}/{partition}/{offset}"


def no_zombie_visible(check: Checker) -> Iterator[str]:
    """I8: one fact has one command; a second one would be the work of a fenced process."""
    causes = Counter(_cause(raw) for raw, _ in check.commands)
    yield from _some(
        "two commands of one fact", (str(c) for c, times in causes.items() if times > 1)
    )


def bounds_kept(check: Checker) -> Iterator[str]:
    """I9: what is done beyond a commit lies within the window."""
    for commit in check.evidence.commits:
        done = commit.progress.done
        if done and max(done) - commit.progress.offset > check.evidence.span_max:
            yield f"{commit.topic}/{commit.partition}: the window is too wide"


def comes_to_rest(check: Checker) -> Iterator[str]:
    """I10: with the faults over, everything is done in time."""
    if not check.evidence.is_quiet:
        yield "work was left when the time was over"


def retries_in_time(check: Checker) -> Iterator[str]:
    """I11: no attempt of a parked record before its time."""
    for source, group in FLOWS:
        for raw in check.topic(f"{source}.{group}.retry"):
            due = names.number(raw.headers, names.RETRY_NOT_BEFORE)
            cause = names.text(raw.headers, names.RETRY_CAUSE)
            if due is None or cause != "own-failure" or raw.value is None:
                continue
            event = event_of(_item(check.decode(raw.topic, raw.value)))
            for at_ms in check.evidence.failures.get((group, event.name), ()):
                # A failure after the record was parked is a later attempt: not before its time.
                if raw.timestamp_ms < at_ms < due - 5:
                    yield f"{event.name} ran {due - at_ms} ms before its time"


def replays_once(check: Checker) -> Iterator[str]:
    """I12: a record that was sent back is in the retry topic once for each replay."""
    for source, group in FLOWS:
        sent = Counter(
            (raw.origin, raw.headers[names.REPLAY_ID])
            for raw in check.topic(f"{source}.{group}.retry")
            if names.REPLAY_ID in raw.headers and raw.value is not None
        )
        yield from _some("replayed twice", (str(one) for one, times in sent.items() if times > 1))


def all_decodes(check: Checker) -> Iterator[str]:
    """I13: every record decodes with its schema."""
    yield from check.undecodable[:SAMPLE]


def metrics_true(check: Checker) -> Iterator[str]:
    """I14: at rest, what the workers say of their topics is what lies there."""
    for source, group in FLOWS:
        held = {raw.key: raw.value for raw in check.topic(f"{source}.{group}.held")}
        truth = {
            "lag_records": 0,
            "parked_records": 0,
            "dead_letter_depth": 0,
            "held_keys": sum(value is not None for value in held.values()),
        }
        for name, number in truth.items():
            if (said := check.evidence.gauges[group, name]) != number:
                yield f"{group}: {name} says {said} and is {number}"


INVARIANTS: Final[Mapping[str, Callable[[Checker], Iterator[str]]]] = {
    "I1": nothing_lost,
    "I2": nothing_doubled,
    "I3": order_per_key,
    "I4": no_overtaking,
    "I5": dead_letters_whole,
    "I6": commits_safe,
    "I7": all_or_nothing,
    "I8": no_zombie_visible,
    "I9": bounds_kept,
    "I10": comes_to_rest,
    "I11": retries_in_time,
    "I12": replays_once,
    "I13": all_decodes,
    "I14": metrics_true,
}


def _item(value: msgspec.Struct) -> Item:
    assert isinstance(value, Item)
    return value


def _event_id(raw: Raw) -> str:
    return names.text(raw.headers, names.EVENT_ID) or str(raw.place)


def _cause(raw: Raw) -> tuple[str, int, int]:
    place = _event_id(raw).partition("#")[0]
    topic, partition, offset = place.rsplit("/", 2)
    return topic, int(partition), int(offset)


def _disorder(what: str, pairs: Iterable[tuple[str, int]]) -> Iterator[str]:
    last: dict[str, int] = {}
    wrong = []
    for key, n in pairs:
        if n < last.get(key, -1):
            wrong.append(f"{key}:{n} after {last[key]}")
        last[key] = max(n, last.get(key, -1))
    yield from _some(f"{what} out of order", wrong)


def _some(what: str, found: Iterable[str], *, minus: set[str] | None = None) -> Iterator[str]:
    """Show how many there are, and a few of them."""
    left: Sequence[str] = sorted(set(found) - (minus or set()))
    if left:
        yield f"{what}: {len(left)}, such as {', '.join(left[:SAMPLE])}"

"""A checker that cannot fail proves nothing: for each invariant, evidence that breaks it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import msgspec
import pytest

from isthmus.kafka import headers as names
from isthmus.kafka.done_map import Progress
from isthmus.messages.netsuite import Item, Outcome
from tests.crash.checker import INVARIANTS, Checker
from tests.crash.commits import Commit
from tests.crash.events import ACCOUNT, MODIFIED_AT, Event
from tests.crash.evidence import Evidence, Raw
from tests.crash.journal import Effect

KEY = "acc/k1"
FACTS, COMMANDS, OUTCOMES = "crash.facts", "crash.commands", "crash.outcomes"
RETRY, DLQ = f"{FACTS}.crash-stage.retry", f"{FACTS}.crash-stage.dlq"


def encode(value: msgspec.Struct) -> bytes:
    return msgspec.json.encode({"kind": type(value).__name__, "value": value})


def decode(_topic: str, value: bytes | None) -> msgspec.Struct:
    read = msgspec.json.decode(value or b"")
    kind = {"Item": Item, "Outcome": Outcome}[read["kind"]]
    return msgspec.convert(read["value"], kind)


def outcome(n: int) -> Outcome:
    return Outcome(
        account=ACCOUNT,
        order_id=KEY,
        external_id=f"{KEY}:{n}",
        record_type="event",
        result="created",
        internal_id="1",
        payload_hash="",
        command=f"{COMMANDS}/0/{n}",
        attempts=1,
        looked_up=False,
        finished_at=MODIFIED_AT,
    )


def raw(topic: str, offset: int, value: msgspec.Struct, **headers: str) -> Raw:
    named = {name: text.encode() for name, text in headers.items()}
    return Raw(topic, 0, offset, 1000 + offset, KEY.encode(), encode(value), named)


def origin(offset: int) -> dict[str, str]:
    return {
        names.ORIGIN_TOPIC: FACTS,
        names.ORIGIN_PARTITION: "0",
        names.ORIGIN_OFFSET: str(offset),
    }


def sound() -> Evidence:
    """Return the evidence of a run in which all went well: four events, one dead letter."""
    events = [Event(KEY, n, "dead:1" if n == 2 else "ok") for n in range(4)]
    facts = [raw(FACTS, event.n, event.record()) for event in events]
    letter = raw(DLQ, 0, events[2].record(), **origin(2))
    back = raw(RETRY, 0, events[2].record(), **origin(2), **{names.REPLAY_ID: "r1"})
    parked = raw(
        RETRY,
        1,
        events[3].record(),
        **origin(3),
        **{names.RETRY_NOT_BEFORE: "5000", names.RETRY_CAUSE: "own-failure"},
    )
    return Evidence(
        sent=events,
        topics={
            FACTS: facts,
            COMMANDS: [
                raw(COMMANDS, one.n, one.record(), **{names.EVENT_ID: f"{FACTS}/0/{one.n}#0"})
                for one in events
            ],
            OUTCOMES: [raw(OUTCOMES, one.n, outcome(one.n)) for one in events],
            DLQ: [letter],
            RETRY: [back, parked],
        },
        effects=[Effect(n + 1, f"{KEY}:{n}", KEY, n) for n in range(4)],
        failures={("crash-stage", f"{KEY}:2"): [900], ("crash-stage", f"{KEY}:3"): [900, 5001]},
        commits=[Commit("crash-stage", FACTS, 0, Progress(4, frozenset({9})))],
        is_quiet=True,
    )


def broken(evidence: Evidence) -> set[str]:
    return set(Checker(evidence, decode=decode).broken())


def lost_effect(evidence: Evidence) -> None:
    evidence.effects.pop()


def lost_fact(evidence: Evidence) -> None:
    evidence.sent.append(Event(KEY, 4, "ok"))


def doubled_outcome(evidence: Evidence) -> None:
    evidence.topics[OUTCOMES].append(evidence.topics[OUTCOMES][-1])


def swapped_effects(evidence: Evidence) -> None:
    evidence.effects[0], evidence.effects[1] = evidence.effects[1], evidence.effects[0]


def swapped_outcomes(evidence: Evidence) -> None:
    told = evidence.topics[OUTCOMES]
    told[0], told[1] = told[1], told[0]


def changed_letter(evidence: Evidence) -> None:
    (letter,) = evidence.topics[DLQ]
    evidence.topics[DLQ] = [replace(letter, value=encode(Event(KEY, 3, "ok").record()))]


def missing_letter(evidence: Evidence) -> None:
    evidence.topics[DLQ] = []


def commit_that_fell(evidence: Evidence) -> None:
    evidence.commits.append(Commit("crash-stage", FACTS, 0, Progress(3)))


def command_without_fact(evidence: Evidence) -> None:
    stray = evidence.topics[COMMANDS][0]
    headers = {names.EVENT_ID: f"{FACTS}/0/77#0".encode()}
    evidence.topics[COMMANDS][0] = replace(stray, headers=headers)


def second_command(evidence: Evidence) -> None:
    evidence.topics[COMMANDS].append(replace(evidence.topics[COMMANDS][-1], offset=9))


def wide_window(evidence: Evidence) -> None:
    progress = Progress(4, frozenset({4 + evidence.span_max + 1}))
    evidence.commits.append(Commit("crash-stage", FACTS, 0, progress))


def unrest(evidence: Evidence) -> None:
    evidence.is_quiet = False


def early_attempt(evidence: Evidence) -> None:
    evidence.failures["crash-stage", f"{KEY}:3"] = [900, 3000]


def replayed_twice(evidence: Evidence) -> None:
    evidence.topics[RETRY].append(replace(evidence.topics[RETRY][0], offset=7))


def garbage(evidence: Evidence) -> None:
    evidence.topics[FACTS].append(replace(evidence.topics[FACTS][0], offset=9, value=b"garbage"))


def wrong_gauge(evidence: Evidence) -> None:
    evidence.gauges["crash-stage", "parked_records"] = 1


BREAKS: list[tuple[str, Callable[[Evidence], None]]] = [
    ("I1", lost_effect),
    ("I1", lost_fact),
    ("I2", doubled_outcome),
    ("I3", swapped_effects),
    ("I4", swapped_outcomes),
    ("I5", changed_letter),
    ("I5", missing_letter),
    ("I6", commit_that_fell),
    ("I7", command_without_fact),
    ("I8", second_command),
    ("I9", wide_window),
    ("I10", unrest),
    ("I11", early_attempt),
    ("I12", replayed_twice),
    ("I13", garbage),
    ("I14", wrong_gauge),
]


class TestChecker:
    def test_finds_nothing_where_all_went_well(self) -> None:
        assert broken(sound()) == set()

    @pytest.mark.parametrize(("name", "spoil"), BREAKS)
    def test_names_the_invariant_that_is_broken(
        self, name: str, spoil: Callable[[Evidence], None]
    ) -> None:
        evidence = sound()

        spoil(evidence)

        assert name in broken(evidence)

    def test_has_a_way_to_break_each_invariant(self) -> None:
        assert {name for name, _ in BREAKS} == set(INVARIANTS)

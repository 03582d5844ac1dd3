"""From evidence to a verdict. Pure: what turns it red can be planted in a test."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final, TypeVar

from isthmus.cli.demo.duplicates import Refusal, refusals
from isthmus.cli.demo.evidence import Evidence, Fact, Order
from isthmus.cli.demo.expected import due, order_id_of

GREEN: Final = 0
RED: Final = 1

T = TypeVar("T")


class Rule(StrEnum):
    """What must not be."""

    LOST = "lost"
    DOUBLED = "doubled"
    OUT_OF_ORDER = "out of order"
    UNCALLED_FOR = "booked without need"
    OPEN = "left open"
    UNEXPLAINED = "unexplained"


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that was broken, and by what."""

    rule: Rule
    key: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The orders of one kind, wherever they are.

    :param due: those that must be in NetSuite by Amazon's truth.
    :param letters: dead letters there ever were, by reason.
    """

    kind: str
    orders: int
    facts: int
    due: int
    commands: int
    booked: int
    letters: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came out."""

    rows: Sequence[Row]
    breaches: Sequence[Breach]
    refusals: Sequence[Refusal]

    @property
    def exit_code(self) -> int:
        """Return 0 if no rule was broken."""
        return RED if self.breaches else GREEN

    def broken(self, rule: Rule) -> int:
        """Return how often a rule was broken."""
        return sum(breach.rule is rule for breach in self.breaches)


def verdict(evidence: Evidence) -> Verdict:
    """Judge a run."""
    refused = list(refusals(evidence))
    return Verdict(
        rows=[_row(kind, orders, evidence) for kind, orders in _kinds(evidence.orders)],
        breaches=[
            *_lost(evidence),
            *_doubled(evidence),
            *_out_of_order(evidence),
            *_uncalled_for(evidence),
            *_open(evidence),
            *_unexplained(refused),
        ],
        refusals=refused,
    )


def missing(evidence: Evidence) -> int:
    """Return how many orders are not yet where they must be."""
    return len({breach.key for breach in (*_lost(evidence), *_open(evidence))})


def _lost(evidence: Evidence) -> Iterator[Breach]:
    newest = {key: facts[-1] for key, facts in _by_key(evidence.facts, _key).items()}
    commanded = {command.key for command in evidence.commands}
    dead = {letter.key for letter in evidence.letters if not letter.settled}
    booked = {record.external_id for record in evidence.booked}
    for order in evidence.orders:
        wanted = due(order)
        if order.key in dead:
            continue  # not lost: left open
        if order.key not in newest:
            yield Breach(Rule.LOST, order.key, "Amazon has it, no fact tells of it")
        elif newest[order.key].updated_at < order.updated:
            yield Breach(Rule.LOST, order.key, "its last change never became a fact")
        elif wanted and order.key not in commanded:
            yield Breach(Rule.LOST, order.key, "no command was made of its facts")
        elif wanted and wanted[1] not in booked:
            yield Breach(Rule.LOST, order.key, f"NetSuite has no {wanted[1]}")


def _doubled(evidence: Evidence) -> Iterator[Breach]:
    of_order = _by_key(evidence.booked, lambda record: order_id_of(record.external_id))
    for order_id, records in of_order.items():
        if len(records) > 1:
            ids = ", ".join(record.external_id for record in records)
            yield Breach(Rule.DOUBLED, order_id, f"NetSuite has {ids}")
    for record in evidence.booked:
        if record.creations > 1:
            why = f"{record.external_id} was created {record.creations} times"
            yield Breach(Rule.DOUBLED, order_id_of(record.external_id), why)
    for command, number in Counter(one.command for one in evidence.outcomes).items():
        if number > 1:
            yield Breach(Rule.DOUBLED, command, f"{number} outcomes of one command")


def _out_of_order(evidence: Evidence) -> Iterator[Breach]:
    for key, facts in _by_key(evidence.facts, _key).items():
        if any(later.updated_at < earlier.updated_at for earlier, later in pairwise(facts)):
            yield Breach(Rule.OUT_OF_ORDER, key, "an older fact behind a newer one")
    for key, commands in _by_key(evidence.commands, lambda one: one.key).items():
        if any(later.of < earlier.of for earlier, later in pairwise(commands)):
            yield Breach(Rule.OUT_OF_ORDER, key, "a command of an older fact behind a newer one's")
    for key, outcomes in _by_key(evidence.outcomes, lambda one: one.key).items():
        places = [_offset(one.command) for one in outcomes]
        if any(later < earlier for earlier, later in pairwise(places)):
            yield Breach(Rule.OUT_OF_ORDER, key, "outcomes not in the order of their commands")


def _uncalled_for(evidence: Evidence) -> Iterator[Breach]:
    wanted = {external_id: type for type, external_id in filter(None, map(due, evidence.orders))}
    for record in evidence.booked:
        if wanted.get(record.external_id) != record.type:
            why = f"{record.type} {record.external_id} is not what Amazon's order asks for"
            yield Breach(Rule.UNCALLED_FOR, order_id_of(record.external_id), why)
    known = {order.key for order in evidence.orders}
    for key in {fact.key for fact in evidence.facts} - known:
        yield Breach(Rule.UNCALLED_FOR, key, "a fact of an order that Amazon does not have")


def _open(evidence: Evidence) -> Iterator[Breach]:
    for letter in evidence.letters:
        if not letter.settled:
            yield Breach(Rule.OPEN, letter.key, f"dead letter {letter.place}: {letter.reason}")
    told = {outcome.command for outcome in evidence.outcomes}
    dead = {letter.key for letter in evidence.letters if not letter.settled}
    for command in evidence.commands:
        if command.place not in told and command.key not in dead:
            yield Breach(Rule.OPEN, command.key, f"no outcome of {command.place}")
    if evidence.unread:
        yield Breach(Rule.OPEN, "", f"{evidence.unread} records that no group has finished")


def _unexplained(refused: Iterable[Refusal]) -> Iterator[Breach]:
    for one in refused:
        if one.why is None:
            key = one.call.key or ""
            yield Breach(Rule.UNEXPLAINED, key, f"{one.call.operation} refused: it exists already")


def _row(kind: str, orders: Sequence[Order], evidence: Evidence) -> Row:
    keys = {order.key for order in orders}
    ids = {order.order_id for order in orders}
    return Row(
        kind=kind,
        orders=len(orders),
        facts=len(keys & {fact.key for fact in evidence.facts}),
        due=sum(due(order) is not None for order in orders),
        commands=len(keys & {command.key for command in evidence.commands}),
        booked=sum(order_id_of(record.external_id) in ids for record in evidence.booked),
        letters=Counter(letter.reason for letter in evidence.letters if letter.key in keys),
    )


def _kinds(orders: Iterable[Order]) -> Iterable[tuple[str, list[Order]]]:
    return _by_key(orders, lambda order: order.kind).items()


def _by_key(things: Iterable[T], key: Callable[[T], str]) -> dict[str, list[T]]:
    grouped: dict[str, list[T]] = defaultdict(list)
    for thing in things:
        grouped[key(thing)].append(thing)
    return grouped


def _key(fact: Fact) -> str:
    return fact.key


def _offset(place: str) -> int:
    return int(place.rpartition("/")[2])

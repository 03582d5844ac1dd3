"""The dead letters of one consumer group on one topic, and what became of each.

The state of a letter is not in the letter: it is the last audit record that names its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from isthmus.kafka import headers as names
from isthmus.kafka.clients import Headers, Message
from isthmus.kafka.codec import Codec
from isthmus.kafka.item import Origin, origin_of
from isthmus.messages.control import Audit, HeldKey


class State(StrEnum):
    """What became of a dead letter."""

    OPEN = "open"
    REPLAYED = "replayed"
    DISCARDED = "discarded"


# What an entry of the audit makes of the letter that it names.
STATES: Final[Mapping[str, State]] = {"replay": State.REPLAYED, "discard": State.DISCARDED}


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter.

    :param offset: its place in the dead-letter topic.
    :param origin: where the record stood first.
    :param replays: how often it was sent back before.
    """

    topic: str
    partition: int
    offset: int
    origin: Origin
    key: bytes | None
    value: bytes | None
    headers: Headers
    reason_class: str
    detail: str
    path: str
    stage: str
    attempts: int
    failed_at: datetime
    replays: int
    state: State = State.OPEN

    @property
    def place(self) -> str:
        """Name the letter, as the command line does."""
        return f"{self.partition}/{self.offset}"

    @property
    def key_text(self) -> str:
        """Return the key for people."""
        return (self.key or b"").decode("utf-8", errors="replace")


@dataclass(frozen=True, slots=True)
class Letters:
    """All letters of a group on a topic, and the keys they hold.

    :param returning: keys of which records were on their way back when these were read.
    """

    letters: tuple[Letter, ...]
    held: dict[bytes, HeldKey]
    returning: frozenset[bytes] = frozenset()

    def open(self) -> list[Letter]:
        """Return what nobody has dealt with, in the order of the source."""
        waiting = [letter for letter in self.letters if letter.state is State.OPEN]
        return sorted(waiting, key=lambda one: (one.partition, one.origin.offset, one.offset))


def letters_of(
    dead: Iterable[Message],
    *,
    audits: Iterable[Message],
    held: Iterable[Message],
    returning: frozenset[bytes],
    codec: Codec,
) -> Letters:
    """Put together what was read of the dead-letter, audit and held topics."""
    states = _states(audits, codec)
    keys: dict[bytes, HeldKey] = {}
    for message in held:
        key, value = message.key() or b"", message.value()
        if value is None:
            keys.pop(key, None)
        else:
            row = codec.decode(message.topic() or "", value)
            assert isinstance(row, HeldKey)
            keys[key] = row
    return Letters(tuple(_letter(message, states) for message in dead), keys, returning)


def _states(audits: Iterable[Message], codec: Codec) -> dict[tuple[str, int, int], State]:
    states: dict[tuple[str, int, int], State] = {}
    for message in audits:
        audit = codec.decode(message.topic() or "", message.value())
        assert isinstance(audit, Audit)
        if audit.partition is None or audit.offset is None:
            continue
        if (state := STATES.get(audit.action)) is not None:
            states[audit.topic, audit.partition, audit.offset] = state
    return states


def _letter(message: Message, states: dict[tuple[str, int, int], State]) -> Letter:
    values = names.last_values(message.headers())
    place = (message.topic() or "", message.partition() or 0, message.offset() or 0)
    failed_ms = names.number(values, names.FAILED_AT) or message.timestamp()[1]
    return Letter(
        topic=place[0],
        partition=place[1],
        offset=place[2],
        origin=origin_of(values, message),
        key=message.key(),
        value=message.value(),
        headers=message.headers() or [],
        reason_class=names.text(values, names.REASON_CLASS) or "",
        detail=names.text(values, names.MESSAGE) or "",
        path=names.text(values, names.PATH) or "",
        stage=names.text(values, names.STAGE) or "",
        attempts=names.number(values, names.DELIVERY_COUNT) or 0,
        failed_at=datetime.fromtimestamp(failed_ms / 1000, UTC),
        replays=names.number(values, names.REPLAY_COUNT) or 0,
        state=states.get(place, State.OPEN),
    )

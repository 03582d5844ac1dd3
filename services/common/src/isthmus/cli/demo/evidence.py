"""What is known of a run: read at both ends and in the topics, never told by a worker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order as Amazon knows it.

    :param kind: what it was when it was placed, in the sandbox's words.
    """

    account: str
    order_id: str
    kind: str
    status: str
    fulfilled_by: str
    updated: datetime

    @property
    def key(self) -> str:
        """Return its record key."""
        return f"{self.account}/{self.order_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A record of ``amazon.orders``; a sequence of them is in the order of the topic."""

    key: str
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A record of ``netsuite.order-commands``.

    :param place: ``<topic>/<partition>/<offset>``.
    :param of: when Amazon last changed what it was made of.
    """

    key: str
    place: str
    of: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A record of ``netsuite.outcomes``.

    :param command: the place of the command it belongs to.
    :param written: when it was written.
    """

    key: str
    command: str
    written: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A dead letter.

    :param place: ``<topic>/<partition>/<offset>``.
    :param settled: whether it was replayed or given up since.
    """

    key: str
    place: str
    reason: str
    settled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """A transaction in NetSuite.

    :param creations: how often something was created under its external id.
    """

    type: str
    external_id: str
    creations: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request as one of the ends wrote it down.

    :param status: 0 where the client got no answer.
    :param effect: what changed; none where nothing did.
    :param fault: the fault that struck it.
    """

    end: str
    time: datetime
    operation: str
    key: str | None
    status: int
    effect: str | None
    fault: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """The end of a worker before its time.

    :param worker: such as ``mapper``.
    :param slot: which of them.
    :param exit_code: none where it was killed on purpose.
    """

    worker: str
    slot: int
    at: datetime
    exit_code: int | None

    @property
    def was_killed(self) -> bool:
        """Tell whether the demo killed it."""
        return self.exit_code is None

    @property
    def name(self) -> str:
        """Return what it is called."""
        return f"{self.worker}-{self.slot}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All of it.

    :param unread: records that a consumer group has not committed.
    """

    orders: Sequence[Order]
    facts: Sequence[Fact]
    commands: Sequence[Command]
    outcomes: Sequence[Outcome]
    letters: Sequence[Letter]
    booked: Sequence[Booked]
    calls: Sequence[Call]
    deaths: Sequence[Death]
    unread: int

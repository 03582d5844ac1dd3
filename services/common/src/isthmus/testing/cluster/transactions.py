"""The transaction coordinator: identities, epochs, time-outs, markers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from . import codes
from .clock import Time
from .errors import Refused
from .offsets import GroupOffsets
from .partition_log import Outcome, PartitionLog, Transaction


class Session(NamedTuple):
    """What a producer holds: its transactional id, and the epoch in which it may write."""

    transactional_id: str
    epoch: int


@dataclass
class _Identity:
    epoch: int = -1
    timeout_s: float = 0.0
    transaction: Transaction | None = None
    deadline: float = 0.0
    logs: list[PartitionLog] = field(default_factory=list)
    groups: list[GroupOffsets] = field(default_factory=list)


class TransactionCoordinator:
    """Keeps one open transaction per transactional id at most."""

    def __init__(self, time: Time) -> None:
        self._time = time
        self._identities: dict[str, _Identity] = {}

    def start(self, transactional_id: str, timeout_s: float, now: float) -> Session:
        """Begin a new epoch: the former owner is fenced and its transaction aborted."""
        identity = self._identities.setdefault(transactional_id, _Identity())
        self._finish(identity, Outcome.ABORTED, now)
        identity.epoch += 1
        identity.timeout_s = timeout_s
        return Session(transactional_id, identity.epoch)

    def join_log(self, session: Session, log: PartitionLog, now: float) -> Transaction:
        """Make a partition part of the session's transaction, which begins with it."""
        identity = self._owned(session)
        transaction = self._running(session, identity, now)
        if log not in identity.logs:
            identity.logs.append(log)
        return transaction

    def join_group(self, session: Session, group: GroupOffsets, now: float) -> Transaction:
        """Make a group's offsets part of the session's transaction, which begins with it."""
        identity = self._owned(session)
        transaction = self._running(session, identity, now)
        if group not in identity.groups:
            identity.groups.append(group)
        return transaction

    def end(self, session: Session, outcome: Outcome, now: float) -> None:
        """Commit or abort the session's transaction.

        :raises Refused: if the session was fenced, by a successor or by its time-out.
        """
        self._finish(self._owned(session), outcome, now)

    def check(self, session: Session) -> None:
        """Let a session pass that may still write.

        :raises Refused: if it was fenced.
        """
        self._owned(session)

    def next_deadline(self) -> float | None:
        """Return when the next transaction times out."""
        running = [each.deadline for each in self._identities.values() if each.transaction]
        return min(running, default=None)

    def expire(self, now: float) -> None:
        """Abort what has timed out; its producer is fenced by that."""
        for identity in self._identities.values():
            if identity.transaction is not None and identity.deadline <= now:
                self._finish(identity, Outcome.ABORTED, now)
                identity.epoch += 1

    def _owned(self, session: Session) -> _Identity:
        identity = self._identities[session.transactional_id]
        if identity.epoch != session.epoch:
            raise Refused(codes.FENCED)
        return identity

    @staticmethod
    def _running(session: Session, identity: _Identity, now: float) -> Transaction:
        if identity.transaction is None:
            identity.transaction = Transaction(session.transactional_id)
            identity.deadline = now + identity.timeout_s
        return identity.transaction

    def _finish(self, identity: _Identity, outcome: Outcome, now: float) -> None:
        transaction = identity.transaction
        if transaction is None:
            return
        transaction.outcome = outcome
        for log in identity.logs:
            log.mark(transaction, self._time.wall_ms(now))
        for group in identity.groups:
            group.settle(transaction, commit=outcome is Outcome.COMMITTED)
        identity.transaction, identity.logs, identity.groups = None, [], []

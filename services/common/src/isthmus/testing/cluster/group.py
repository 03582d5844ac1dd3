"""A consumer group of the classic protocol, as its coordinator keeps it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from confluent_kafka import KafkaError

from .errors import Refused
from .group_metadata import GroupMetadata
from .offsets import GroupOffsets
from .range_assignor import Candidate, Partition, assign

Widths = Callable[[tuple[str, ...]], Mapping[str, int]]


class Phase(Enum):
    """Where a group stands in its rebalance."""

    EMPTY = "empty"
    PREPARING = "preparing"
    STABLE = "stable"


@dataclass(frozen=True)
class JoinRequest:
    """What a consumer asks the coordinator for."""

    member_id: str
    new_member_id: str
    instance_id: str | None
    topics: tuple[str, ...]
    session_timeout_s: float
    rebalance_timeout_s: float


@dataclass
class Member:
    """A member and whether it has answered the running rebalance."""

    member_id: str
    instance_id: str | None
    topics: tuple[str, ...]
    session_timeout_s: float
    rebalance_timeout_s: float
    joined: bool = False
    silent_since: float | None = None
    assignment: list[Partition] = field(default_factory=list)

    @property
    def session_deadline(self) -> float | None:
        """When its session ends, if it has stopped its heartbeats."""
        if self.silent_since is None:
            return None
        return self.silent_since + self.session_timeout_s


class Group:
    """Members, generation and offsets."""

    def __init__(self, group_id: str, widths: Widths) -> None:
        self.group_id = group_id
        self.offsets = GroupOffsets()
        self.generation = 0
        self.phase = Phase.EMPTY
        self.members: dict[str, Member] = {}
        self._widths = widths
        self._rebalance_deadline = 0.0

    def join(self, request: JoinRequest, now: float) -> str:
        """Take a member in, or let it answer a rebalance; return its member id.

        :raises Refused: if the member id is not known, or its static identity has a new owner.
        """
        if request.member_id:
            self.check(request.member_id, request.instance_id)
            self._rejoin(self.members[request.member_id], request, now)
            return request.member_id
        dead_self = self._static(request.instance_id)
        if dead_self is not None:
            return self._replace(dead_self, request, now)
        self._admit(request, now)
        return request.new_member_id

    def leave(self, member_id: str, now: float) -> None:
        """Let a member go and share its partitions out among the others."""
        del self.members[member_id]
        self._prepare(now)
        self._complete_if_all_joined()

    def heartbeat(self, member_id: str, instance_id: str | None) -> bool:
        """Return whether the member must give up its partitions and join again.

        :raises Refused: as ``join`` does.
        """
        self.check(member_id, instance_id)
        return self.phase is Phase.PREPARING and not self.members[member_id].joined

    def check(self, member_id: str, instance_id: str | None) -> None:
        """Let a member pass that the group knows.

        :raises Refused: if it is unknown, or a successor has its static identity.
        """
        holder = self._static(instance_id)
        if holder is not None and holder.member_id != member_id:
            raise Refused(KafkaError.FENCED_INSTANCE_ID)
        if member_id not in self.members:
            raise Refused(KafkaError.UNKNOWN_MEMBER_ID)

    def check_commit(self, metadata: GroupMetadata) -> None:
        """Let a transactional commit pass: member and generation count, ownership does not.

        :raises Refused: if the member is unknown or fenced, or its generation is not the current.
        """
        anonymous = not metadata.member_id and metadata.instance_id is None
        if metadata.generation < 0 and (anonymous or self.phase is Phase.EMPTY):
            return
        self.check(metadata.member_id, metadata.instance_id)
        if metadata.generation != self.generation:
            raise Refused(KafkaError.ILLEGAL_GENERATION)

    def next_deadline(self) -> float | None:
        """Return when a session or the running rebalance times out next."""
        deadlines = [each.session_deadline for each in self.members.values()]
        if self.phase is Phase.PREPARING:
            deadlines.append(self._rebalance_deadline)
        return min((each for each in deadlines if each is not None), default=None)

    def expire(self, now: float) -> None:
        """Remove members whose session is over, and those late for the rebalance."""
        for member in list(self.members.values()):
            deadline = member.session_deadline
            if deadline is not None and deadline <= now:
                self.leave(member.member_id, now)
        if self.phase is Phase.PREPARING and self._rebalance_deadline <= now:
            self._complete_without_the_late(now)

    def _static(self, instance_id: str | None) -> Member | None:
        if instance_id is None:
            return None
        owners = (each for each in self.members.values() if each.instance_id == instance_id)
        return next(owners, None)

    def _admit(self, request: JoinRequest, now: float) -> None:
        self.members[request.new_member_id] = Member(
            member_id=request.new_member_id,
            instance_id=request.instance_id,
            topics=request.topics,
            session_timeout_s=request.session_timeout_s,
            rebalance_timeout_s=request.rebalance_timeout_s,
        )
        self._rejoin(self.members[request.new_member_id], request, now)

    def _rejoin(self, member: Member, request: JoinRequest, now: float) -> None:
        self._prepare(now)
        member.topics = request.topics
        member.joined = True
        member.silent_since = None
        self._complete_if_all_joined()

    def _replace(self, dead_self: Member, request: JoinRequest, now: float) -> str:
        del self.members[dead_self.member_id]
        dead_self.member_id = request.new_member_id
        dead_self.silent_since = None
        self.members[request.new_member_id] = dead_self
        if self.phase is Phase.PREPARING:
            self._rejoin(dead_self, request, now)
        else:
            # The group keeps its generation, so a changed subscription is not seen until the
            # next rebalance: as on Apache Kafka.
            dead_self.topics = request.topics
        return request.new_member_id

    def _prepare(self, now: float) -> None:
        if self.phase is Phase.PREPARING:
            return
        self.phase = Phase.PREPARING
        timeouts = (each.rebalance_timeout_s for each in self.members.values())
        self._rebalance_deadline = now + max(timeouts, default=0.0)
        for member in self.members.values():
            member.joined = False

    def _complete_if_all_joined(self) -> None:
        if all(member.joined for member in self.members.values()):
            self._complete()

    def _complete_without_the_late(self, now: float) -> None:
        for member in list(self.members.values()):
            if not member.joined and member.instance_id is None:
                del self.members[member.member_id]
        if self.members and not any(member.joined for member in self.members.values()):
            self._rebalance_deadline = now + max(
                member.rebalance_timeout_s for member in self.members.values()
            )
        else:
            self._complete()

    def _complete(self) -> None:
        self.generation += 1
        self.phase = Phase.STABLE if self.members else Phase.EMPTY
        candidates = [
            Candidate(member.member_id, member.instance_id, member.topics)
            for member in self.members.values()
        ]
        topics = tuple({topic for each in candidates for topic in each.topics})
        for member_id, partitions in assign(candidates, self._widths(topics)).items():
            self.members[member_id].assignment = partitions

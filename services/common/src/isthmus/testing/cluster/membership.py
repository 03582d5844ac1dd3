"""A consumer's side of its group: when to join, to give up partitions, to take them."""

from __future__ import annotations

from enum import Enum

from confluent_kafka import KafkaError

from .broker import Broker
from .errors import Refused
from .group import JoinRequest, Phase
from .group_metadata import GroupMetadata
from .range_assignor import Partition
from .settings import ConsumerSettings


class Step(Enum):
    """What the consumer must do next for its group."""

    ASSIGN = "assign"
    REVOKE = "revoke"
    LOSE = "lose"
    FENCED = "fenced"


class _State(Enum):
    OUTSIDE = "outside"
    JOINING = "joining"
    MEMBER = "member"
    FENCED = "fenced"


class Membership:
    """One consumer's membership, with heartbeats for as long as its process runs."""

    def __init__(self, broker: Broker, settings: ConsumerSettings) -> None:
        self.member_id = ""
        self.generation = -1
        self.partitions: list[Partition] = []
        self._topics: tuple[str, ...] = ()
        self._broker = broker
        self._group = broker.group(settings.group_id)
        self._settings = settings
        self._state = _State.OUTSIDE
        self._widths: dict[str, int] = {}
        self._lost = False
        self._polled_at = broker.now

    @property
    def owns(self) -> bool:
        """Whether the group has assigned partitions to this consumer."""
        return self._state is _State.MEMBER

    @property
    def eager(self) -> bool:
        """Whether the group takes part in this consumer's assignments."""
        return self._state in {_State.JOINING, _State.MEMBER}

    @property
    def fenced(self) -> bool:
        """Whether another consumer has this one's static name now."""
        return self._state is _State.FENCED

    @property
    def poll_deadline(self) -> float | None:
        """When the application will have been away for too long, if it is a member now."""
        if not (self.eager and self.member_id):
            return None
        return self._polled_at + self._settings.max_poll_interval_s

    @property
    def metadata(self) -> GroupMetadata:
        """Who this consumer is to its group now."""
        return GroupMetadata(
            self._settings.group_id,
            self.generation,
            self.member_id,
            self._settings.instance_id,
        )

    def subscribe(self, topics: list[str]) -> None:
        """Want these topics; the next step joins, again if need be."""
        self._topics = tuple(topics)

    def polled(self) -> None:
        """Note that the application is here."""
        self._polled_at = self._broker.now

    def next_step(self) -> Step | None:
        """Answer the coordinator and return what the consumer must do, if anything."""
        try:
            return self._advance()
        except Refused as refused:
            if refused.code == KafkaError.FENCED_INSTANCE_ID:
                self._state = _State.FENCED
                return Step.FENCED
            self.member_id = ""
            return self._step_aside()

    def gave_up(self) -> None:
        """Note that the partitions are given up; the next step joins again."""
        self._state = _State.OUTSIDE
        self._lost = False
        self.partitions = []

    def leave_late(self, now: float) -> None:
        """Leave because the application did not poll; a static member only falls silent."""
        if self._settings.instance_id is None:
            self._leave(now)
        else:
            self.fall_silent(now)
        self.member_id = ""
        if self._state is _State.MEMBER:
            self._lost = True
        else:
            self._state = _State.OUTSIDE

    def close(self, now: float) -> None:
        """Leave for good; a static member only falls silent."""
        if self._settings.instance_id is None:
            self._leave(now)
        else:
            self.fall_silent(now)
        self._state = _State.OUTSIDE

    def fall_silent(self, now: float) -> None:
        """Stop the heartbeats."""
        member = self._group.members.get(self.member_id)
        if member is not None and member.silent_since is None:
            member.silent_since = now

    def speak_again(self) -> None:
        """Take the heartbeats up again, if the session still lives."""
        member = self._group.members.get(self.member_id)
        if member is not None:
            member.silent_since = None

    def _advance(self) -> Step | None:
        if self._state is _State.OUTSIDE:
            self._join()
        if self._state is _State.JOINING:
            return self._take_assignment()
        if self._state is _State.MEMBER:
            return self._keep_up()
        return None

    def _join(self) -> None:
        self._widths = self._broker.topics.widths(self._topics)
        if not self._widths:
            return
        request = JoinRequest(
            member_id=self.member_id,
            new_member_id=self._broker.new_member_id(self._name),
            instance_id=self._settings.instance_id,
            topics=tuple(self._widths),
            session_timeout_s=self._settings.session_timeout_s,
            rebalance_timeout_s=self._settings.max_poll_interval_s,
        )
        self.member_id = self._group.join(request, self._broker.now)
        self._state = _State.JOINING

    def _take_assignment(self) -> Step | None:
        self._group.check(self.member_id, self._settings.instance_id)
        if self._group.phase is not Phase.STABLE:
            return None
        self.generation = self._group.generation
        self.partitions = list(self._group.members[self.member_id].assignment)
        self._state = _State.MEMBER
        return Step.ASSIGN

    def _keep_up(self) -> Step | None:
        if self._lost:
            return Step.LOSE
        must_rejoin = self._group.heartbeat(self.member_id, self._settings.instance_id)
        if self.generation != self._group.generation:
            return Step.LOSE
        if must_rejoin or self._widths != self._broker.topics.widths(self._topics):
            return Step.REVOKE
        return None

    def _step_aside(self) -> Step | None:
        if self._state is _State.MEMBER:
            self._lost = True
            return Step.LOSE
        self._state = _State.OUTSIDE
        return self.next_step()

    def _leave(self, now: float) -> None:
        if self.member_id in self._group.members:
            self._group.leave(self.member_id, now)

    @property
    def _name(self) -> str:
        return self._settings.instance_id or self._settings.client_id

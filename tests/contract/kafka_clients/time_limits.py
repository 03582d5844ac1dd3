"""What becomes of clients that die, stop, idle or work too long: all at once, in one wait."""

from __future__ import annotations

from collections.abc import Callable

from confluent_kafka import KafkaException, TopicPartition

from .errors import Raised, described, raised_by
from .groups import committed, join, own
from .logs import end, visible
from .member import Member
from .subject import Subject, consumer, consumer_settings, idle, producer, until

SESSION_S = 6.0
MAX_POLL_MS = 6000


class IdleTransactions:
    """One transaction with a record and an offset that idles too long, one without anything."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._topic, self._group = subject.create_topic(1), subject.name("group")
        self._touched = producer(subject, transaction_timeout_ms=1000)
        self._touched.begin_transaction()
        self._touched.produce(self._topic, b"idle", partition=0)
        self._touched.flush()
        anonymous = consumer(subject, group_id=self._group).consumer_group_metadata()
        self._touched.send_offsets_to_transaction([TopicPartition(self._topic, 0, 1)], anonymous)
        self._untouched = producer(subject, transaction_timeout_ms=1000)
        self._untouched.begin_transaction()

    def finish(self) -> None:
        """Wait for the end of the idle transaction, then use both producers."""
        until(self._subject, lambda: end(self._subject, self._topic, committed_only=True) == 2)
        self.offset, _ = committed(self._subject, self._group, self._topic)
        self.raised_at_commit = raised_by(self._touched.commit_transaction)
        self._untouched.produce(self._topic, b"late", partition=0)
        self._untouched.commit_transaction()
        self.visible = visible(self._subject, self._topic)


class DyingMember:
    """A group of two, of which one is killed."""

    def __init__(self, subject: Subject, instance: str | None) -> None:
        self._subject = subject
        topic, group = subject.create_topic(2), subject.name("group")
        self.rest = join(subject, group, topic, instance=instance and f"{instance}-rest")
        own(subject, self.rest, count=2)
        extra = {} if instance is None else {"group_instance_id": instance}
        self.dying = subject.doomed(consumer_settings(subject, group_id=group, **extra), [topic])

    def settle(self) -> None:
        """Wait until both own something."""
        until(self._subject, self._both_own, self.rest)

    def strike(self) -> None:
        """Kill the member."""
        self.dying.kill()

    def look(self) -> None:
        """Note what the rest owns before the session of the dead is over."""
        self.owned_early = len(self.rest.owned)

    def finish(self) -> None:
        """Wait until the rest has taken over."""
        own(self._subject, self.rest, count=2)

    def _both_own(self) -> bool:
        self.dying.serve()
        return len(self.rest.owned) == 1 and "assign" in self.dying.calls()


class StoppedMember(DyingMember):
    """A group of two, of which one is stopped for longer than its session, and woken."""

    def strike(self) -> None:
        """Stop the member."""
        self.dying.stop()

    def finish(self) -> None:
        """Wait until the rest has taken over, then until the woken is back."""
        super().finish()
        self.dying.wake()
        until(self._subject, self._back, self.rest)

    def _back(self) -> bool:
        self.dying.serve()
        return self.dying.calls()[1:] == ["lose", "assign"] and len(self.rest.owned) == 1


class ScaleOut:
    """A newcomer to a group of which a static member is dead."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._topic, self._group = subject.create_topic(2), subject.name("group")
        self.lives, self._dies = (
            join(subject, self._group, self._topic, instance=name) for name in "ab"
        )
        own(subject, self.lives, self._dies, count=1)

    def strike(self) -> None:
        """Let one go without a leave, and another one come."""
        self._dies.consumer.close()
        self.newcomer = join(self._subject, self._group, self._topic, instance="c")

    def look(self) -> None:
        """Note who owns what before the session of the dead is over."""
        self.owned_early = len(self.lives.owned), len(self.newcomer.owned)

    def finish(self) -> None:
        """Wait until the two share the partitions."""
        own(self._subject, self.lives, self.newcomer, count=1)


class LateMember:
    """A member that does not poll for longer than it may."""

    def __init__(self, subject: Subject, instance: str | None) -> None:
        self._subject = subject
        self._topic, group = subject.create_topic(1), subject.name("group")
        extra = {} if instance is None else {"group_instance_id": instance}
        settings = {"group_id": group, "max_poll_interval_ms": MAX_POLL_MS, **extra}
        self.member = Member(consumer(subject, **settings)).subscribe(self._topic)
        own(subject, self.member, count=1)
        self._old_identity = self.member.consumer.consumer_group_metadata()

    def finish(self) -> None:
        """Commit with the old identity and the present one, then poll again."""
        self.by_old_identity = self._commit(self._old_identity)
        self.by_new_identity = self._commit(self.member.consumer.consumer_group_metadata())
        until(self._subject, lambda: self.member.calls[1:] == ["lose", "assign"], self.member)
        until(self._subject, lambda: bool(self.member.events), self.member)

    def _commit(self, identity: object) -> Raised | None:
        return commit_as(self._subject, TopicPartition(self._topic, 0, 1), identity)


class LongDrain:
    """A static member that works in ``on_revoke`` for longer than it may."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._topic, self._group = subject.create_topic(2), subject.name("group")
        self.member = self._join("a")
        own(subject, self.member, count=2)

    def run(self, work: Callable[[], None]) -> None:
        """Do ``work`` while a newcomer waits, then commit with the identity from before."""
        identity = self.member.consumer.consumer_group_metadata()
        outcomes: list[Raised | None] = []

        def drain() -> None:
            work()
            position = TopicPartition(self._topic, 0, 1)
            outcomes.append(commit_as(self._subject, position, identity))

        self.member.on_revoke = drain
        self.newcomer = self._join("b")
        until(self._subject, lambda: bool(outcomes), self.member, self.newcomer)
        (self.outcome,) = outcomes
        self.member.on_revoke = lambda: None

    def finish(self) -> None:
        """Wait until the two share the partitions."""
        own(self._subject, self.member, self.newcomer, count=1)

    def _join(self, instance: str) -> Member:
        made = consumer(
            self._subject,
            group_id=self._group,
            group_instance_id=instance,
            max_poll_interval_ms=MAX_POLL_MS,
        )
        return Member(made).subscribe(self._topic)


class Aftermath:
    """All of them, after one wait."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self.killed = DyingMember(subject, None)
        self.killed_static = DyingMember(subject, "b")
        self.stopped = StoppedMember(subject, None)
        self.scale_out = ScaleOut(subject)
        self.idle = IdleTransactions(subject)
        self.late, self.late_static = LateMember(subject, None), LateMember(subject, "a")
        self.drain = LongDrain(subject)
        self._watched = (self.killed, self.killed_static, self.stopped, self.scale_out)
        for group in (self.killed, self.killed_static, self.stopped):
            group.settle()
        self.drain.run(self._pass_the_time)
        # The late ones first: their sessions, unlike their patience, are not over yet.
        for each in (self.late, self.late_static, *self._watched, self.idle, self.drain):
            each.finish()

    def _pass_the_time(self) -> None:
        for late in (self.late, self.late_static):
            late.member.poll(0)
        for each in self._watched:
            each.strike()
        rests = [each.rest for each in (self.killed, self.killed_static, self.stopped)]
        members = (*rests, self.scale_out.lives, self.scale_out.newcomer)
        idle(self._subject, SESSION_S / 2, *members)
        for each in self._watched:
            each.look()
        idle(self._subject, SESSION_S / 2 + 1, *members)


def commit_as(subject: Subject, position: TopicPartition, identity: object) -> Raised | None:
    """Commit an offset with the identity of a member; return the refusal."""
    writer = producer(subject)
    writer.begin_transaction()
    try:
        writer.send_offsets_to_transaction([position], identity)
    except KafkaException as refusal:
        return described(refusal.args[0])
    writer.commit_transaction()
    return None

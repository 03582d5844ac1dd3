"""Calls the application's callbacks as its group gives and takes partitions."""

from __future__ import annotations

from collections.abc import Callable

from confluent_kafka import KafkaError, TopicPartition

from . import codes
from .errors import kafka_error
from .fetcher import Fetcher
from .membership import Membership, Step
from .range_assignor import Partition

# A group that does not come to rest in so many steps of one consumer is a fault of the fake.
_STEPS_MAX = 100

Callback = Callable[[list[TopicPartition]], None]


class Rebalancer:
    """Serves one consumer's membership, inside of its ``consume``."""

    def __init__(
        self, membership: Membership, fetcher: Fetcher, report: Callable[[KafkaError], None]
    ) -> None:
        self._membership = membership
        self._fetcher = fetcher
        self._report = report
        self._callbacks: dict[Step, Callback] = {}
        self._assigned = False

    def subscribe(self, topics: list[str], callbacks: dict[Step, Callback]) -> None:
        """Join for ``topics`` from the next ``serve`` on."""
        self._callbacks = callbacks
        self._membership.subscribe(topics)

    def assigned_by_application(self) -> None:
        """Note that the application has set the assignment itself, perhaps in its callback."""
        self._assigned = True

    def serve(self) -> None:
        """Do all that the group asks for now.

        :raises Exception: the last that a callback has raised, when everything is done.
        """
        failures: list[Exception] = []
        for _ in range(_STEPS_MAX):
            step = self._membership.next_step()
            if step is None:
                break
            failures += self._take(step)
        else:
            raise AssertionError("the group does not come to rest")
        if failures:
            raise failures[-1]

    def revoke(self) -> None:
        """Give up what the group has assigned, if anything, before the consumer closes.

        :raises Exception: what the callback has raised.
        """
        failures = self._take(Step.REVOKE) if self._membership.owns else []
        if failures:
            raise failures[-1]

    def _take(self, step: Step) -> list[Exception]:
        if step is Step.FENCED:
            # No callback tells of it: the assignment is gone without a word.
            self._fetcher.assign([])
            self._report(_fenced())
            return []
        partitions = self._membership.partitions
        failures = self._call(step, partitions)
        if not self._assigned:
            mine = partitions if step is Step.ASSIGN else []
            self._fetcher.assign(TopicPartition(*each) for each in mine)
        if step is not Step.ASSIGN:
            self._membership.gave_up()
        return failures

    def _call(self, step: Step, partitions: list[Partition]) -> list[Exception]:
        self._assigned = False
        try:
            self._callbacks[step]([TopicPartition(*each) for each in partitions])
        except Exception as failure:  # noqa: BLE001 - kept, and raised when the group is at rest
            return [failure]
        finally:
            self._membership.polled()
        return []


def _fenced() -> KafkaError:
    what = "Broker: Static consumer fenced by other consumer with same group.instance.id"
    return kafka_error(codes.FATAL, f"Fatal error: {what}: Fatal consumer error: {what}")

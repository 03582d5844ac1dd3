"""What a worker works on: its topics, its policy, its tables, its bounds."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass

from isthmus.kafka.lane import Topics
from isthmus.kafka.policy import Exhausted, RetryPolicy
from isthmus.kafka.tables import TableSpec
from isthmus.kafka.topology import Topology
from isthmus.kafka.window import Bounds
from isthmus.ops.clock import Clock
from isthmus.ops.limits import LimitSettings


@dataclass(frozen=True, slots=True)
class Flow:
    """One source topic of a workload, and how its records are retried."""

    topics: Topics
    policy: RetryPolicy


@dataclass(frozen=True, slots=True)
class Workload:
    """A consumer group and the place of one process in it.

    :param slot: the process's stable number: its membership and its transactions are named by it.
    """

    group: str
    slot: int
    flows: tuple[Flow, ...]
    tables: tuple[TableSpec, ...]
    control_topic: str

    @property
    def subscription(self) -> list[str]:
        """Return the topics to subscribe to."""
        return sorted(
            topic for flow in self.flows for topic in (flow.topics.source, flow.topics.retry)
        )

    @property
    def instance_id(self) -> str:
        """Name the static member. A changed subscription is a new member: it must be assigned."""
        digest = hashlib.sha256(",".join(self.subscription).encode()).hexdigest()[:8]
        return f"{self.group}-{self.slot}-{digest}"

    @property
    def transactional_id(self) -> str:
        """Name the transactions of this slot, so that a successor fences its dead self."""
        return f"{self.group}-{self.slot}"


def workload(
    group: str,
    *,
    slot: int,
    topology: Topology,
    limits: LimitSettings,
    clock: Clock,
    tables: tuple[TableSpec, ...] = (),
) -> Workload:
    """Look up in the topic list what the group consumes, and how.

    :raises ConfigurationError: the list knows no such consumer group.
    """
    flows = tuple(
        Flow(
            topics=Topics(
                source=source,
                retry=topology.retry(source, group),
                dlq=topology.dlq(source, group),
                held=topology.held(source, group),
                positions=topology.positions(source, group),
                audit=topology.audit,
            ),
            policy=retry_policy(exhausted=exhausted, limits=limits, clock=clock),
        )
        for source, exhausted in topology.consumed_by(group).items()
    )
    return Workload(
        group=topology.group(group),
        slot=slot,
        flows=flows,
        tables=tables,
        control_topic=topology.control,
    )


def retry_policy(*, exhausted: Exhausted, limits: LimitSettings, clock: Clock) -> RetryPolicy:
    """Scale the waits for the outside by the clock factor."""
    return RetryPolicy(
        exhausted=exhausted,
        attempts_max=limits.attempts,
        age_max_ms=int(clock.scaled(limits.retry_age_s) * 1000),
        in_place=limits.in_place_attempts,
        in_place_ms=int(clock.scaled(limits.in_place_s) * 1000),
        backoff_base_ms=clock.scaled(limits.backoff_base_s) * 1000,
        backoff_cap_ms=clock.scaled(limits.backoff_cap_s) * 1000,
        chance=random.random,
    )


def bounds(limits: LimitSettings) -> Bounds:
    """Return what one window may hold."""
    return Bounds(
        span=limits.window_span, records=limits.window_records, nbytes=limits.window_bytes
    )

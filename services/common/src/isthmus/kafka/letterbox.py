"""The dead letters of a desk, and the audit of what people did to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from isthmus.kafka import whole
from isthmus.kafka.clients import Message
from isthmus.kafka.codec import Codec
from isthmus.kafka.dead_letters import Letter
from isthmus.kafka.letters import Write
from isthmus.kafka.reader import Reader
from isthmus.kafka.transactions import Transactions
from isthmus.messages.control import Audit
from isthmus.ops.clock import Clock

TIMEOUT_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Act:
    """Who does it, and when."""

    by: str
    at: datetime


@dataclass(slots=True)
class Letterbox:
    """What the desks of consumer groups and of sources have in common."""

    dlq: str
    audit: str
    group: str
    reader: Reader
    transactions: Transactions
    codec: Codec
    clock: Clock
    bound_s: float = 60.0

    def letters(self) -> list[Message]:
        """Read the dead letters."""
        return self.read(self.dlq)

    def audits(self) -> list[Message]:
        """Read what was done to them."""
        return self.read(self.audit)

    def read(self, topic: str) -> list[Message]:
        """Read all of a topic.

        :raises NotReadInTime: Kafka does not answer.
        """
        return whole.read_whole(
            self.reader,
            whole.from_beginning(topic, self.partitions(topic)),
            clock=self.clock,
            bound_s=self.bound_s,
        )

    def partitions(self, topic: str) -> list[int]:
        """Ask how many partitions a topic has."""
        return list(self.reader.admin.list_topics(topic, TIMEOUT_S).topics[topic].partitions)

    def entry(self, action: str, letter: Letter, act_id: str, act: Act, why: str = "") -> Write:
        """Write down what was done to a letter."""
        audit = Audit(
            at=act.at,
            by=act.by,
            action=action,
            topic=letter.topic,
            group=self.group,
            partition=letter.partition,
            offset=letter.offset,
            key=letter.key_text,
            replay_id=act_id,
            detail=why or f"{letter.reason_class} at {letter.origin.effect_id}",
        )
        return Write(self.audit, -1, letter.key or b"-", self.codec.encode(self.audit, audit), [])

    def commit(self, writes: Sequence[Write], act_id: str) -> None:
        """Write all of it or nothing, an entry with this id among it."""

        def was_committed() -> bool:
            audits = (self.codec.decode(self.audit, one.value()) for one in self.audits())
            return any(isinstance(one, Audit) and one.replay_id == act_id for one in audits)

        self.transactions.commit(writes, offsets=None, was_committed=was_committed)

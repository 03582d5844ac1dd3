"""What the loop of a source tells Prometheus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from isthmus.kafka import headers as names
from isthmus.kafka.letters import Stage, Write
from isthmus.kafka.transactions import End
from isthmus.ops.health import Heartbeat
from isthmus.ops.metrics import Metrics


@dataclass(frozen=True, slots=True)
class SourceObserver:
    """Turns what owners of accounts did into metrics; their threads call it.

    :param dead: the topics that answers were meant for, by those of their dead letters.
    """

    metrics: Metrics
    group: str
    heartbeat: Heartbeat
    dead: Mapping[str, str]

    def __post_init__(self) -> None:
        """Tell the age of the loop also when it hangs, and begin to count at 0."""
        age = self.metrics.poll_age_seconds.labels(self.group)
        age.set_function(self.heartbeat.age_seconds)
        for end in End:
            self.metrics.txn.labels(self.group, end.value)
        self.metrics.producer_epoch_resets.labels(self.group)
        for topic in self.dead.values():
            self.metrics.dlq_produce_failures.labels(self.group, topic)

    def transaction_ended(self, end: End, writes: Sequence[Write]) -> None:
        """Count how a transaction ended, and the dead letters that went with it."""
        self.metrics.txn.labels(self.group, end.value).inc()
        if end is not End.COMMITTED:
            self.metrics.producer_epoch_resets.labels(self.group).inc()
        for (topic, reason), number in self._letters(writes).items():
            if end is End.ABORTED:
                self.metrics.dlq_produce_failures.labels(self.group, topic).inc(number)
            else:
                labels = self.group, topic, reason, Stage.SOURCE.value
                self.metrics.dlq.labels(*labels).inc(number)

    def _letters(self, writes: Sequence[Write]) -> Counter[tuple[str, str]]:
        """Count dead letters by the topic that they were meant for and their reason."""
        return Counter(
            (self.dead[write.topic], _reason(write)) for write in writes if write.topic in self.dead
        )


def _reason(letter: Write) -> str:
    return names.text(names.last_values(letter.headers), names.REASON_CLASS) or "unknown"

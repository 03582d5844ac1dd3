"""Where partitions begin when the group hands them out: at the end that they have then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import structlog
from confluent_kafka import KafkaException, TopicPartition

from isthmus.kafka.clients import Consumer
from isthmus.kafka.transactions import Fenced, NotCommitted
from isthmus.ops.clock import Clock

ANSWER_S: Final = 1.0
AGAIN_S: Final = 0.05

log = structlog.get_logger(__name__)


def at_their_ends(
    consumer: Consumer, partitions: Sequence[TopicPartition], *, clock: Clock, within_s: float
) -> list[TopicPartition]:
    """Name the end of each partition by its number.

    Told OFFSET_END, the client asks for it on its own time, and again after a failure: an answer
    that comes after the seek to the lane's position undoes it, and records are skipped (measured).
    A topic that was just made has no leader for a moment, so what is refused is asked again.

    :param within_s: for all of them together.
    :raises NotCommitted: a leader does not answer in this time.
    :raises Fenced: the consumer is out of its group.
    """
    deadline = clock.monotonic() + within_s
    return [_at_its_end(consumer, one, clock, deadline) for one in partitions]


def _at_its_end(
    consumer: Consumer, one: TopicPartition, clock: Clock, deadline: float
) -> TopicPartition:
    while True:
        timeout_s = max(min(ANSWER_S, deadline - clock.monotonic()), AGAIN_S)
        try:
            answer = consumer.get_watermark_offsets(one, timeout_s)
        except KafkaException as refused:
            error = refused.args[0]
            if error.fatal():
                raise Fenced(f"this process is out of the group: {error.str()}") from None
            reason = error.str()
        else:
            if answer is not None:
                return TopicPartition(one.topic, one.partition, answer[1])
            reason = "no answer in time"
        if clock.monotonic() >= deadline:
            raise NotCommitted(
                f"the end of {one.topic} {one.partition} was not told: {reason}; is its leader up?"
            )
        log.warning("end.unknown", topic=one.topic, partition=one.partition, error=reason)
        clock.sleep(clock.factor * AGAIN_S)

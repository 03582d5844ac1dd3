"""Both jobs with FastStream: whole batches, acknowledged when they are done (at least once).

Its subscriber of single records is many times slower; its ``max_workers`` acknowledges before the
work is done and keeps no order.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from confluent_kafka import Message
from faststream import AckPolicy, FastStream
from faststream.confluent import KafkaBroker, KafkaResponse
from faststream.confluent.annotations import KafkaMessage

from benchmarks.peers import job

Work = Callable[[Message], Awaitable[KafkaResponse]]


async def ship(message: Message) -> KafkaResponse:
    """Do the job of the stage."""
    return KafkaResponse(job.shipped(message.value() or b""), key=message.key())


async def book(message: Message) -> KafkaResponse:
    """Do the job of the sink."""
    await asyncio.sleep(job.LATENCY_S)
    command = f"{message.topic()}/{message.partition()}/{message.offset()}"
    return KafkaResponse(job.outcome(message.value() or b"", command=command), key=message.key())


async def one_by_one(messages: Iterable[Message], work: Work) -> list[KafkaResponse]:
    """Do the work of a batch in its order."""
    return [await work(message) for message in messages]


async def key_by_key(messages: Iterable[Message], work: Work) -> list[KafkaResponse]:
    """Do the work of as many keys at once as there are slots, in order within a key."""
    by_key: dict[bytes, list[Message]] = defaultdict(list)
    for message in messages:
        by_key[message.key() or b""].append(message)
    slots = asyncio.Semaphore(job.SLOTS)

    async def in_a_slot(of_a_key: list[Message]) -> list[KafkaResponse]:
        async with slots:
            return await one_by_one(of_a_key, work)

    done = await asyncio.gather(*map(in_a_slot, by_key.values()))
    return [response for of_a_key in done for response in of_a_key]


async def untouched(message: Any) -> Any:
    """Leave decoding to the job: FastStream would try JSON first."""
    return message.body


BROKER = KafkaBroker(job.BOOTSTRAP, logger=None)
JOBS = {
    "stage": (one_by_one, ship, job.SHIPPED, job.BATCH),
    "sink": (key_by_key, book, job.OUTCOMES, job.SINK_BATCH),
}
RUN, WORK, TOPIC, BATCH = JOBS[sys.argv[1]]


@BROKER.subscriber(
    job.ORDERS,
    group_id=job.GROUP,
    auto_offset_reset="earliest",
    batch=True,
    max_records=BATCH,
    ack_policy=AckPolicy.ACK,
    decoder=untouched,
)  # type: ignore[untyped-decorator]
async def handle(message: KafkaMessage) -> None:
    """Do a batch and write what follows; it is acknowledged afterwards."""
    responses = await RUN(message.raw_message, WORK)
    await BROKER.publish_batch(*responses, topic=TOPIC)


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    asyncio.run(FastStream(BROKER, logger=None).run())

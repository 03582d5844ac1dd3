"""Reads partitions from where they are to where they end now: for tools, not for loops."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from isthmus.kafka.clients import Message
from isthmus.kafka.reader import BEGINNING, Reader, Reading
from isthmus.ops.clock import Clock

TURN_S = 0.02


class NotReadInTime(Exception):
    """Kafka did not answer within the bound."""


def read_whole(
    reader: Reader, places: Mapping[tuple[str, int], int], *, clock: Clock, bound_s: float
) -> list[Message]:
    """Read partitions from the given offsets to their high watermarks; per partition in order.

    :param places: (topic, partition) to first offset; -2 for the beginning.
    :raises NotReadInTime: not within the bound.
    """
    found: list[Message] = []

    def take(messages: Sequence[Message]) -> None:
        found.extend(messages)

    readings = [
        reader.read(topic, partition, offset=offset, follows=False, on_messages=take)
        for (topic, partition), offset in places.items()
    ]
    try:
        _catch_up(reader, readings, clock=clock, bound_s=bound_s)
    finally:
        for reading in readings:
            reader.drop(reading)
    return found


def _catch_up(reader: Reader, readings: Sequence[Reading], *, clock: Clock, bound_s: float) -> None:
    deadline = clock.monotonic() + bound_s
    while not all(reading.is_caught_up for reading in readings):
        if clock.monotonic() > deadline:
            late = [one.partition.topic for one in readings if not one.is_caught_up]
            raise NotReadInTime(
                f"{', '.join(sorted(set(late)))} not read in {bound_s:g} s: is Kafka reachable,"
                " does the topic exist, is a transaction open on it?"
            )
        if not reader.poll():
            clock.sleep(clock.factor * TURN_S)


def from_beginning(topic: str, partitions: Iterable[int]) -> dict[tuple[str, int], int]:
    """Name all of a topic."""
    return {(topic, partition): BEGINNING for partition in partitions}

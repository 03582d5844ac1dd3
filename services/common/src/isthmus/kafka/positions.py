"""Where a lane stands, in a log of its own: what its next owner goes on from.

The group's committed offsets say the same, and are not enough: a group coordinator that loses and
regains its partition while it loads answers with positions from the past, without an error
(docs/adr/0011). What the lane wrote itself, in the same transactions, cannot be behind.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from confluent_kafka import TopicPartition

from isthmus.kafka import done_map
from isthmus.kafka.clients import Message
from isthmus.kafka.done_map import Progress
from isthmus.kafka.letters import Write
from isthmus.kafka.questions import Question
from isthmus.kafka.reader import Reader, Reading
from isthmus.messages.control import Position

KEY: Final = b"position"
TAIL: Final = 1000  # offsets; each transaction takes two of them, and few of them are aborted


@dataclass(slots=True)
class PositionLog:
    """The partition in which a lane writes down where it stands; only its owner writes there.

    :param source: where the last owner stood in the source; none if nobody ever did.
    """

    topic: str
    partition: int
    encode: Callable[[str, Any], bytes]
    decode: Callable[[str, bytes], Any]
    source: Progress | None = None
    retry: Progress | None = None
    _end: Question | None = field(default=None, repr=False)
    _reading: Reading | None = field(default=None, repr=False)

    def unread(self) -> PositionLog:
        """Return the same partition, to be read anew."""
        return PositionLog(self.topic, self.partition, self.encode, self.decode)

    def write(self, source: TopicPartition, retry: TopicPartition) -> Write:
        """Return the record that goes into the transaction that moves the group to these."""
        position = Position(
            source_offset=source.offset,
            source_progress=source.metadata or "",
            retry_offset=retry.offset,
            retry_progress=retry.metadata or "",
        )
        return Write(self.topic, self.partition, KEY, self.encode(self.topic, position), [])

    def advance(self, table_reader: Reader) -> bool:
        """Read the last position without waiting; tell whether it is known."""
        if self._reading is None:
            self._begin(table_reader)
        if self._reading is None or not self._reading.is_caught_up:
            return False
        first = self._reading.partition.offset
        if self.source is None and first > 0:
            self._reading = self._read(table_reader, 0)  # nothing but aborted ones: look further
            return False
        return True

    def cancel(self, table_reader: Reader) -> None:
        """Stop reading: the partition was taken away."""
        if self._reading is not None:
            table_reader.drop(self._reading)

    def take(self, messages: Sequence[Message]) -> None:
        """Take what was read; the last one counts."""
        position = self.decode(self.topic, messages[-1].value() or b"")
        assert isinstance(position, Position)
        self.source = done_map.decode(position.source_offset, position.source_progress)
        self.retry = done_map.decode(position.retry_offset, position.retry_progress)

    def _begin(self, table_reader: Reader) -> None:
        if self._end is None:
            self._end = table_reader.ask_end(self.topic, self.partition)
        if (end := self._end.answer()) is not None:
            self._reading = self._read(table_reader, max(end - TAIL, 0))

    def _read(self, table_reader: Reader, offset: int) -> Reading:
        return table_reader.read(
            self.topic, self.partition, offset=offset, follows=False, on_messages=self.take
        )

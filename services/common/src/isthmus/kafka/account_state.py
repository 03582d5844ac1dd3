"""What the owner of an account knows: how far its feeds were read, and its orders' keys."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from isthmus.kafka.clients import Message
from isthmus.kafka.codec import Codec
from isthmus.kafka.letters import Write
from isthmus.kafka.reader import BEGINNING, Reader
from isthmus.kafka.tables import TopicTable
from isthmus.messages.control import Checkpoint
from isthmus.ops.clock import Clock

TURN_S: Final = 0.02


class RestoreTimedOut(Exception):
    """The state of an account could not be read within its bound."""


@dataclass(slots=True)
class AccountState:
    """The checkpoints of an account, and tables of what it has written.

    :param checkpoints: the topic, and how many partitions it has.
    :param tables: each with the partitions to read; only rows of the account are kept.
    """

    topic: str
    partitions: Sequence[int]
    tables: Sequence[tuple[TopicTable, Sequence[int]]]
    reader_of: Callable[[], Reader]
    codec: Codec
    clock: Clock
    bound_s: float
    _known: dict[tuple[str, str], Checkpoint] = field(default_factory=dict)

    def restore(self, account: str, stop: threading.Event) -> None:
        """Read all of it to the end that stands now, open transactions included.

        :raises RestoreTimedOut: not within the bound.
        """
        reader = self.reader_of()
        readings = [
            reader.read(self.topic, one, offset=BEGINNING, follows=False, on_messages=self._take)
            for one in self.partitions
        ]
        for table, partitions in self.tables:
            readings += [
                reader.read(
                    table.spec.topic,
                    one,
                    offset=BEGINNING,
                    follows=False,
                    on_messages=partial(_take_rows, table, account),
                )
                for one in partitions
            ]
        deadline = self.clock.monotonic() + self.bound_s
        while not all(reading.is_caught_up for reading in readings) and not stop.is_set():
            if self.clock.monotonic() > deadline:
                raise RestoreTimedOut(f"the state of {account} was not read in {self.bound_s:g} s")
            if not reader.poll():
                stop.wait(TURN_S)
        reader.consumer.close()

    def checkpoint(self, account: str, feed: str) -> Checkpoint | None:
        """Return how far a feed was read."""
        return self._known.get((account, feed))

    def write(self, checkpoint: Checkpoint) -> Write:
        """Write a checkpoint; it counts once it is committed."""
        key = f"{checkpoint.account}/{checkpoint.feed}".encode()
        return Write(self.topic, -1, key, self.codec.encode(self.topic, checkpoint), [])

    def committed(self, checkpoint: Checkpoint) -> None:
        """Go on from here."""
        self._known[checkpoint.account, checkpoint.feed] = checkpoint

    def wrote(self, topic: str, key: str, value: bytes | None) -> None:
        """Show a row that is being written to the feeds at once."""
        for table, _ in self.tables:
            if table.spec.topic == topic:
                table.apply([(key, value)])

    def reread(self, checkpoint: Checkpoint) -> bool:
        """Look up whether a transaction of unknown outcome wrote this checkpoint."""
        self.restore(checkpoint.account, threading.Event())
        known = self.checkpoint(checkpoint.account, checkpoint.feed)
        return known is not None and known.sequence >= checkpoint.sequence

    def close(self) -> None:
        """Let the tables go."""
        for table, _ in self.tables:
            table.close()

    def _take(self, messages: Sequence[Message]) -> None:
        for message in messages:
            checkpoint = self.codec.decode(self.topic, message.value())
            assert isinstance(checkpoint, Checkpoint)
            self.committed(checkpoint)


def _take_rows(table: TopicTable, account: str, messages: Sequence[Message]) -> None:
    prefix = f"{account}/".encode()
    table.apply(
        ((message.key() or b"").decode("utf-8", errors="replace"), message.value())
        for message in messages
        if (message.key() or b"").startswith(prefix)
    )

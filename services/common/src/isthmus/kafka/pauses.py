"""What operators paused: records of a small compacted topic that every worker reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import msgspec

from isthmus.kafka.clients import Message
from isthmus.kafka.reader import BEGINNING, Reader
from isthmus.messages.control import Control


@dataclass(slots=True)
class Pauses:
    """The pauses of one workload: all of it, or single accounts.

    :param decode: ``(topic, value) -> record``, the codec's.
    """

    topic: str
    group: str
    decode: Callable[[str, bytes], msgspec.Struct]
    workload: bool = False
    accounts: set[bytes] = field(default_factory=set)
    _seen: frozenset[bytes] = frozenset()

    def open(self, reader: Reader) -> None:
        """Begin to follow the control topic."""
        reader.read(self.topic, 0, offset=BEGINNING, follows=True, on_messages=self.take)

    def take(self, messages: Sequence[Message]) -> None:
        """Take in what operators wrote; a tombstone ends a pause."""
        for message in messages:
            group, _, account = (message.key() or b"").partition(b"/")
            if group != self.group.encode():
                continue
            value = message.value()
            control = None if value is None else self.decode(self.topic, value)
            paused = isinstance(control, Control) and control.state == "paused"
            if not account:
                self.workload = paused
            elif paused:
                self.accounts.add(account)
            else:
                self.accounts.discard(account)

    @property
    def any(self) -> bool:
        """Tell whether something is paused."""
        return self.workload or bool(self.accounts)

    def stops(self, key: bytes) -> bool:
        """Tell whether a record of this key must wait."""
        return self.workload or (bool(self.accounts) and key.partition(b"/")[0] in self.accounts)

    def changed(self) -> bool:
        """Tell, once, that the pauses are not what they were."""
        now = frozenset(self.accounts | ({b""} if self.workload else set()))
        changed, self._seen = now != self._seen, now
        return changed

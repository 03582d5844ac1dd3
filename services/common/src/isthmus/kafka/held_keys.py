"""The held keys of one partition: a compacted topic, written by the partition's owner alone.

A held key's records join its dead letters until an operator's release marker comes by. The marker
names the last dead letter that the operator saw; if one has been added since, the release is
refused: it would let later records overtake that one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec

from isthmus.kafka.item import Item
from isthmus.kafka.letters import Write
from isthmus.messages.control import Audit, HeldKey

Encode = Callable[[str, msgspec.Struct], bytes]
Decode = Callable[[str, bytes], msgspec.Struct]


@dataclass(slots=True)
class HeldKeys:
    """Which keys are held, and the writes by which that changes.

    :param encode: the codec's.
    :param decode: the codec's.
    """

    topic: str
    audit_topic: str
    group: str
    partition: int
    encode: Encode
    decode: Decode
    keys: dict[bytes, HeldKey] = field(default_factory=dict)

    def load(self, key: bytes, value: bytes | None) -> None:
        """Take in what the topic says at the start of an ownership."""
        if value is None:
            self.keys.pop(key, None)
        else:
            held = self.decode(self.topic, value)
            assert isinstance(held, HeldKey)
            self.keys[key] = held

    def stops(self, item: Item) -> bool:
        """Tell whether a parked record must go to the dead letters because its key is held.

        A replayed record runs although its key is held, unless an earlier one of its batch
        failed again.
        """
        held = self.keys.get(item.lane_key)
        if held is None:
            return False
        return item.replay_id is None or held.broken_replay == item.replay_id

    def next_sequence(self, key: bytes, now_ms: int) -> int:
        """Number the next dead letter of a key: rises within a hold, and from hold to hold."""
        held = self.keys.get(key)
        return now_ms if held is None else max(now_ms, held.sequence + 1)

    def hold(self, item: Item, reason_class: str, sequence: int, now_ms: int) -> Write:
        """Hold the key of a record that was given up."""
        before = self.keys.get(item.lane_key)
        return self._set(
            item.lane_key,
            HeldKey(
                key=item.lane_key.decode("utf-8", errors="replace"),
                sequence=sequence,
                since=before.since if before else _moment(now_ms),
                reason_class=before.reason_class if before else reason_class,
                broken_replay=item.replay_id or (before.broken_replay if before else None),
            ),
        )

    def follow(self, item: Item, sequence: int) -> Write:
        """Note one more dead letter of a key that is held already."""
        held = self.keys[item.lane_key]
        return self._set(item.lane_key, msgspec.structs.replace(held, sequence=sequence))

    def release(self, marker: Item, now_ms: int) -> list[Write]:
        """Let the key go if nothing was dead-lettered since the operator looked; audit either."""
        held = self.keys.get(marker.lane_key)
        if held is None:
            return [self._audit("release-without-hold", marker, now_ms)]
        if held.sequence != marker.release:
            return [self._audit("release-refused", marker, now_ms)]
        del self.keys[marker.lane_key]
        tombstone = Write(self.topic, self.partition, marker.lane_key, None, [])
        return [tombstone, self._audit("released", marker, now_ms)]

    def _set(self, key: bytes, held: HeldKey) -> Write:
        self.keys[key] = held
        return Write(self.topic, self.partition, key, self.encode(self.topic, held), [])

    def _audit(self, action: str, marker: Item, now_ms: int) -> Write:
        audit = Audit(
            at=_moment(now_ms),
            by=self.group,
            action=action,
            topic=marker.origin.topic,
            group=self.group,
            partition=self.partition,
            offset=marker.offset,
            key=marker.lane_key.decode("utf-8", errors="replace"),
            replay_id=marker.replay_id,
            detail=f"marker at sequence {marker.release}",
        )
        return Write(
            self.audit_topic, -1, marker.lane_key, self.encode(self.audit_topic, audit), []
        )


def _moment(now_ms: int) -> datetime:
    return datetime.fromtimestamp(now_ms / 1000, UTC)

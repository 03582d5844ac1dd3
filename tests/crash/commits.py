"""Every commit that a group ever made, read from the log of the coordinator itself.

To ask the coordinator shows a sample, and it may answer from the past (docs/adr/0011).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from isthmus.kafka import done_map
from isthmus.kafka.done_map import Progress

LOG: Final = "__consumer_offsets"
OFFSET_COMMIT_KEYS: Final = (0, 1)  # OffsetCommitKey.json of Apache Kafka
VALUE_VERSION: Final = 4  # OffsetCommitValue.json, since Apache Kafka 4.1
METADATA_AT: Final = 14  # after the version, the offset and the leader epoch


@dataclass(frozen=True)
class Commit:
    """A committed position."""

    group: str
    topic: str
    partition: int
    progress: Progress


def commits_in(log: Iterable[tuple[bytes, bytes | None]]) -> Iterator[Commit]:
    """Read the commits out of records of the coordinator's log, in their order.

    :raises ValueError: a value is of a version that this does not know.
    """
    for key, value in log:
        if value is not None and _short(key, 0) in OFFSET_COMMIT_KEYS:
            yield _commit(key, value)


def _commit(key: bytes, value: bytes) -> Commit:
    group, at = _text(key, 2)
    topic, at = _text(key, at)
    (partition,) = struct.unpack_from(">i", key, at)
    version, offset = struct.unpack_from(">hq", value)
    if version != VALUE_VERSION:
        raise ValueError(f"a commit of version {version} is not known here")
    return Commit(group, topic, partition, done_map.decode(offset, _compact(value, METADATA_AT)))


def _short(raw: bytes, at: int) -> int:
    found: int = struct.unpack_from(">h", raw, at)[0]
    return found


def _text(raw: bytes, at: int) -> tuple[str, int]:
    end = at + 2 + _short(raw, at)
    return raw[at + 2 : end].decode(), end


def _compact(raw: bytes, at: int) -> str:
    """Read a string of a flexible version: one more than its length as a varint, and its bytes."""
    length = shift = 0
    while True:
        length |= (raw[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if raw[at - 1] < 0x80:
            return raw[at : at + length - 1].decode()

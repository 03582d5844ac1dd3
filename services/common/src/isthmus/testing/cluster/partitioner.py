"""Which partition a record without one goes to, as librdkafka counts."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from zlib import crc32

_MASK = 0xFFFFFFFF
_MURMUR_M = 0x5BD1E995


class Partitioner:
    """Chooses partitions by the setting ``partitioner``.

    Where librdkafka draws at random, the choice here goes round in a circle.
    """

    def __init__(self, name: str) -> None:
        if name not in _PARTITIONERS:
            raise NotImplementedError(f"partitioner {name!r} is not part of the fake cluster")
        self._hash, self._takes_empty_keys = _PARTITIONERS[name]
        self._circle = count()

    def choose(self, key: bytes | None, partitions: int) -> int:
        """Return the partition of ``key`` in a topic of ``partitions``."""
        hashed = key is not None and (key or self._takes_empty_keys)
        number = self._hash(key or b"") if hashed else next(self._circle)
        return number % partitions


def murmur2(key: bytes) -> int:
    """Return the hash of Kafka's Java client, without its sign."""
    value = 0x9747B28C ^ len(key)
    whole = len(key) - len(key) % 4
    for start in range(0, whole, 4):
        word = int.from_bytes(key[start : start + 4], "little") * _MURMUR_M & _MASK
        word = (word ^ word >> 24) * _MURMUR_M & _MASK
        value = value * _MURMUR_M & _MASK ^ word
    if whole < len(key):
        value = (value ^ int.from_bytes(key[whole:], "little")) * _MURMUR_M & _MASK
    value = (value ^ value >> 13) * _MURMUR_M & _MASK
    return (value ^ value >> 15) & 0x7FFFFFFF


_PARTITIONERS: dict[str, tuple[Callable[[bytes], int], bool]] = {
    "consistent_random": (crc32, False),
    "murmur2_random": (murmur2, True),
}

"""What a commit says beyond its offset: the done-map, in the 4,095 bytes of commit metadata.

Records complete out of order. The offset alone would run again all that is done behind the first
one that is not; the map of what is done travels with the offset, in the same transaction.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from dataclasses import dataclass
from typing import Final

from confluent_kafka import TopicPartition

METADATA_BYTES_MAX: Final = 4095
MAGIC: Final = "i1"
RAW: Final = "r"
DEFLATED: Final = "z"


@dataclass(frozen=True, slots=True)
class Progress:
    """A committed position of one partition.

    :param offset: all received records before it are done.
    :param done: offsets behind it that are done as well.
    :param lives: owners in a row that began here and ended without a commit of progress.
    :param suspect: the offset that ran alone when the last owner ended, if one did.
    :param token: names the transaction, so that an unknown outcome can be looked up.
    """

    offset: int
    done: frozenset[int] = frozenset()
    lives: int = 0
    suspect: int | None = None
    token: str = ""


def encode(progress: Progress) -> str:
    """Write the commit metadata.

    The map is left out when it does not fit; what it held then runs again. The span bound of the
    window keeps that from happening.
    """
    suspect = "" if progress.suspect is None else str(progress.suspect)
    head = f"{MAGIC},{progress.lives},{suspect},{progress.token},"
    metadata = head + _encode_map(progress)
    return metadata if len(metadata) <= METADATA_BYTES_MAX else head


def position(topic: str, partition: int, progress: Progress) -> TopicPartition:
    """Return what to commit of a partition."""
    return TopicPartition(topic, partition, progress.offset, encode(progress))


def is_ours(metadata: str | None) -> bool:
    """Tell whether commit metadata was written by this; tools that move a group write none."""
    return (metadata or "").startswith(MAGIC + ",")


def decode(offset: int, metadata: str | None) -> Progress:
    """Read the commit metadata. What is not ours, or damaged, is an offset without a map."""
    fields = (metadata or "").split(",", 4)
    if len(fields) != 5 or fields[0] != MAGIC or not fields[1].isdigit():
        return Progress(offset=offset)
    return Progress(
        offset=offset,
        done=_decode_map(offset, fields[4]),
        lives=int(fields[1]),
        suspect=int(fields[2]) if fields[2].isdigit() else None,
        token=fields[3],
    )


def _encode_map(progress: Progress) -> str:
    if not progress.done:
        return ""
    bits = bytearray((max(progress.done) - progress.offset) // 8 + 1)
    for offset in progress.done:
        place = offset - progress.offset
        bits[place >> 3] |= 1 << (place & 7)
    deflated = zlib.compress(bits, 1)
    if len(deflated) < len(bits):
        return DEFLATED + base64.b64encode(deflated).decode("ascii")
    return RAW + base64.b64encode(bits).decode("ascii")


def _decode_map(offset: int, text: str) -> frozenset[int]:
    if not text:
        return frozenset()
    try:
        raw = base64.b64decode(text[1:], validate=True)
        bits = zlib.decompress(raw) if text[0] == DEFLATED else raw
    except (binascii.Error, zlib.error):
        return frozenset()
    return frozenset(
        offset + index * 8 + bit
        for index, byte in enumerate(bits)
        if byte
        for bit in range(8)
        if byte >> bit & 1
    )

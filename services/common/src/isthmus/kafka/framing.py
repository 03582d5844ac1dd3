"""What stands before the Avro bytes and names their schema.

======================  =========================================  =================================
Confluent wire format   ``00`` + registry id, 4 bytes, big-endian  where a schema registry is set
Avro single-object      ``C3 01`` + CRC-64-AVRO, 8 bytes           where none is
======================  =========================================  =================================

Both are always understood, so that either may be switched on while records of the other are around.
"""

from __future__ import annotations

from typing import Final

from isthmus.kafka.undecodable import Cause, Undecodable

CONFLUENT_MAGIC: Final = b"\x00"
CONFLUENT_LENGTH: Final = 5
SINGLE_OBJECT_MAGIC: Final = b"\xc3\x01"
SINGLE_OBJECT_LENGTH: Final = 10

SchemaRef = int | bytes
"""A registry's id, or a fingerprint."""


def confluent(schema_id: int) -> bytes:
    """Return the Confluent prefix."""
    return CONFLUENT_MAGIC + schema_id.to_bytes(4, "big")


def single_object(fingerprint: bytes) -> bytes:
    """Return the single-object prefix."""
    return SINGLE_OBJECT_MAGIC + fingerprint


def unframe(value: bytes) -> tuple[SchemaRef, int]:
    """Return what names the schema, and where the Avro bytes begin.

    :raises Undecodable: neither prefix is there, or not all of it.
    """
    if value.startswith(SINGLE_OBJECT_MAGIC):
        _long_enough(value, SINGLE_OBJECT_LENGTH)
        return value[2:SINGLE_OBJECT_LENGTH], SINGLE_OBJECT_LENGTH
    if value.startswith(CONFLUENT_MAGIC):
        _long_enough(value, CONFLUENT_LENGTH)
        return int.from_bytes(value[1:CONFLUENT_LENGTH], "big"), CONFLUENT_LENGTH
    raise Undecodable(
        Cause.BAD_MAGIC,
        f"begins with {value[:2].hex(' ') or 'nothing'}: neither 00 (registry) nor c3 01"
        " (single-object); was it written by another program?",
        place="byte 0",
    )


def _long_enough(value: bytes, length: int) -> None:
    if len(value) < length:
        raise Undecodable(
            Cause.TRUNCATED,
            f"{len(value)} bytes are too few for a prefix of {length}",
            place=f"byte {len(value)}",
        )

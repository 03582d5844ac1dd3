"""The opaque bytes of ``consumer_group_metadata()``, in the layout of librdkafka."""

from __future__ import annotations

import struct
from typing import NamedTuple

_MAGIC = b"CGMDv2:"


class GroupMetadata(NamedTuple):
    """Who commits: the group, the generation, the member and its static identity."""

    group_id: str
    generation: int
    member_id: str
    instance_id: str | None


def encode(metadata: GroupMetadata) -> bytes:
    """Return the bytes that ``consumer_group_metadata()`` gives."""
    head = _MAGIC + struct.pack("<i", metadata.generation)
    names = f"{metadata.group_id}\0{metadata.member_id}\0".encode()
    if metadata.instance_id is None:
        return head + names + b"\x01"
    return head + names + b"\x00" + f"{metadata.instance_id}\0".encode()


def decode(raw: bytes) -> GroupMetadata:
    """Return what ``encode`` was given.

    :raises ValueError: if ``raw`` does not come from ``consumer_group_metadata()``.
    """
    if not raw.startswith(_MAGIC):
        raise ValueError("not the bytes of consumer_group_metadata()")
    (generation,) = struct.unpack_from("<i", raw, len(_MAGIC))
    group_id, member_id, rest = raw[len(_MAGIC) + 4 :].split(b"\0", 2)
    instance_id = None if rest == b"\x01" else rest.strip(b"\0").decode()
    return GroupMetadata(group_id.decode(), generation, member_id.decode(), instance_id)

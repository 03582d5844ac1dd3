"""How many bytes a record takes, as the client and the broker count them."""

from __future__ import annotations

from isthmus.kafka.clients import Headers

_CLIENT_OVERHEAD = 36
_BATCH_HEADER = 61


def client_bytes(key: bytes | None, value: bytes | None, headers: Headers) -> int:
    """Return what librdkafka holds against its ``message.max.bytes``."""
    return _CLIENT_OVERHEAD + len(key or b"") + len(value or b"") + _headers_bytes(headers)


def batch_bytes(key: bytes | None, value: bytes | None, headers: Headers) -> int:
    """Return what the broker holds against the topic's limit: a batch of this record alone."""
    attributes_and_deltas = 3
    body = (
        attributes_and_deltas
        + _sized(key)
        + _sized(value)
        + _varint(len(headers))
        + _headers_bytes(headers)
    )
    return _BATCH_HEADER + _varint(body) + body


def _headers_bytes(headers: Headers) -> int:
    return sum(_sized(name.encode()) + _sized(value) for name, value in headers)


def _sized(raw: bytes | None) -> int:
    return 1 if raw is None else _varint(len(raw)) + len(raw)


def _varint(number: int) -> int:
    return max(1, -(-(number << 1).bit_length() // 7))

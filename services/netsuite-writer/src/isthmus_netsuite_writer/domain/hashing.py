"""The hash by which the writer knows its own work again.

It covers what the books and the warehouse rest on. It leaves out

- the buyer's address: Amazon withdraws it after some weeks and its key is purged, and a hash of
  little-varied personal data would be personal data itself;
- texts for people (memo, description): a listing's title may change between two commands;
- what the writer adds or derives by itself (rate, price level, status, account of deposit): it
  would no longer know its own work after an upgrade.

A field that is not there is not hashed, so a new optional field leaves old hashes as they are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

import msgspec

UNHASHED: Final = frozenset(
    {
        "shippingAddress",
        *("memo", "description"),
        *("rate", "price", "orderStatus", "account", "undepFunds"),
    }
)

_CANONICAL: Final = msgspec.json.Encoder(order="sorted", decimal_format="string")


def payload_hash(record_type: str, body: Mapping[str, object]) -> str:
    """Return ``sha256:`` and 64 hexadecimal digits. Amounts come in their canonical form."""
    content = _CANONICAL.encode([record_type, _hashed(body)])
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _hashed(value: object) -> object:
    if isinstance(value, Mapping):
        return {name: _hashed(inner) for name, inner in value.items() if name not in UNHASHED}
    if isinstance(value, list):
        return [_hashed(inner) for inner in value]
    return value

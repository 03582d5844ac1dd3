"""Pagination tokens: signed, bound to the seller and to the filters, dead after 24 hours."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from binascii import Error as NotBase64
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from isthmus_sandbox.amazon.errors import invalid_input
from isthmus_sandbox.clock import Clock

LIFE_S: Final = 24 * 3600.0
_SIGNATURE_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Position:
    """Where a search goes on: behind this order, up to the bound of its first page."""

    upper_bound: str
    time: str
    order_id: str


class Pagination:
    """Writes and reads tokens; those of an earlier run with the same seed stay good."""

    def __init__(self, *, clock: Clock, seed: int) -> None:
        self._clock = clock
        self._key = hashlib.sha256(f"pagination/{seed}".encode()).digest()

    def token(self, position: Position, *, account: str, fingerprint: str) -> str:
        """Return the token that leads to the page behind this position."""
        content = {**asdict(position), "issued": self._clock.now().isoformat()}
        payload = json.dumps(content).encode()
        signature = self._sign(payload, account=account, fingerprint=fingerprint)
        return base64.urlsafe_b64encode(signature + payload).decode().rstrip("=")

    def position(self, token: str, *, account: str, fingerprint: str) -> Position:
        """Return the position that a token leads to.

        :raises Refused: when it is not a token, is another seller's, was given for other
            filters, or is too old.
        """
        signature, payload = _parts(token)
        expected = self._sign(payload, account=account, fingerprint=fingerprint)
        if not hmac.compare_digest(signature, expected):
            raise invalid_input("paginationToken is invalid, or the other parameters have changed.")
        content: dict[str, str] = json.loads(payload)
        age_s = (self._clock.now() - datetime.fromisoformat(content.pop("issued"))).total_seconds()
        if age_s > self._clock.scaled(LIFE_S):
            raise invalid_input("paginationToken has expired.")
        return Position(**content)

    def _sign(self, payload: bytes, *, account: str, fingerprint: str) -> bytes:
        text = b"\0".join([account.encode(), fingerprint.encode(), payload])
        return hmac.digest(self._key, text, "sha256")[:_SIGNATURE_BYTES]


def _parts(token: str) -> tuple[bytes, bytes]:
    try:
        whole = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (NotBase64, ValueError):
        raise invalid_input("paginationToken is invalid.") from None
    return whole[:_SIGNATURE_BYTES], whole[_SIGNATURE_BYTES:]

"""The port through which personal data is sealed and opened, per order."""

from __future__ import annotations

from typing import Protocol

from isthmus.core.errors import Rejected, Retryable
from isthmus.core.records import Output


class KeyPurged(Rejected):
    """The order's key was deleted: its personal data is gone for good, as it must be."""

    def __init__(self, record_key: str) -> None:
        super().__init__(
            f"the personal data of {record_key} was purged: its key is gone",
            reason_class="purged",
        )


class KeyNotSeen(Retryable):
    """The order's key has not arrived in the table yet."""

    def __init__(self, record_key: str) -> None:
        super().__init__(f"no key for {record_key} yet", reason_class="key-not-seen")


class Sealer(Protocol):
    """Seals the fields of facts. The first fact of an order makes a key, written along with it."""

    def seal(self, *, record_key: str, field: str, plain: bytes) -> bytes:
        """Encrypt one field; the ciphertext is bound to the order and the field."""
        ...

    def new_keys(self) -> tuple[Output, ...]:
        """Hand over, once, the keys made since the last call: outputs of the same transaction."""
        ...


class Opener(Protocol):
    """Opens sealed fields."""

    def open(self, *, record_key: str, field: str, sealed: bytes) -> bytes:
        """Decrypt one field.

        :raises KeyPurged: the key was deleted.
        :raises KeyNotSeen: the key is not in the table yet.
        """
        ...

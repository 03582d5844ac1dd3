"""Personal data, sealed per order.

Each order has a data key of its own; the master key, a mounted file, only wraps data keys. Deleting
an order's key deletes its personal data wherever copies of the records lie. AES-256-GCM; what is
sealed is bound to its order and its field, so that a ciphertext cannot be moved elsewhere.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import Field, SecretStr

from isthmus.core.errors import Rejected
from isthmus.core.identifiers import split_record_key
from isthmus.core.records import Output, Table
from isthmus.core.sealing import KeyNotSeen, KeyPurged
from isthmus.messages.control import OrderKey
from isthmus.ops.clock import Clock
from isthmus.ops.configuration import ConfigurationError, Problem
from isthmus.ops.environment import Settings

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
FORMAT: Final = b"\x01"
OPENED_MAX: Final = 1000


class SealingSettings(Settings):
    """The master key of the services that seal or open personal data."""

    master_key: SecretStr = Field(
        description="the base64 text of 32 bytes; mount it and set ISTHMUS_MASTER_KEY_FILE"
    )

    def key(self) -> MasterKey:
        """Return the key.

        :raises ConfigurationError: it is not 32 bytes.
        """
        return MasterKey.of(self.master_key.get_secret_value())


@dataclass(frozen=True, slots=True)
class MasterKey:
    """The key that wraps data keys. Never shown."""

    id: str
    secret: bytes = field(repr=False)

    @classmethod
    def of(cls, text: str) -> MasterKey:
        """Read the base64 text of 32 bytes.

        :raises ConfigurationError: it is something else.
        """
        try:
            secret = base64.b64decode(text.strip(), validate=True)
        except (binascii.Error, ValueError):
            secret = b""
        if len(secret) != KEY_BYTES:
            raise ConfigurationError(
                [
                    Problem(
                        "ISTHMUS_MASTER_KEY",
                        f"is not the base64 text of {KEY_BYTES} bytes",
                        "mount a file made by: openssl rand -base64 32, and name it in"
                        " ISTHMUS_MASTER_KEY_FILE",
                    )
                ]
            )
        return cls(id=hashlib.sha256(secret).hexdigest()[:8], secret=secret)

    def wrap(self, data_key: bytes, record_key: str) -> bytes:
        """Encrypt the data key of an order."""
        return _encrypt(self.secret, data_key, record_key.encode())

    def unwrap(self, wrapped: OrderKey, record_key: str) -> bytes:
        """Decrypt the data key of an order.

        :raises Rejected: it was wrapped by another master key, or was changed.
        """
        if wrapped.master_key_id != self.id:
            raise Rejected(
                f"the key of {record_key} was wrapped by master key {wrapped.master_key_id},"
                f" mounted is {self.id}: mount the former one as well, or wrap the keys anew",
                reason_class="wrong-master-key",
            )
        return _decrypt(self.secret, wrapped.wrapped_key, record_key.encode())


@dataclass(slots=True)
class TableKeys:
    """Seals and opens with the keys of a table of ``isthmus.order-keys``.

    :param table: rows of ``OrderKey`` by record key.
    """

    topic: str
    table: Table[OrderKey]
    master: MasterKey
    clock: Clock
    _opened: OrderedDict[str, bytes] = field(default_factory=OrderedDict, repr=False)
    _new: list[Output] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def seal(self, *, record_key: str, field: str, plain: bytes) -> bytes:
        """Encrypt one field; an order without a key gets one."""
        data_key = self._known(record_key) or self._make(record_key)
        return FORMAT + _encrypt(data_key, plain, _bound_to(record_key, field))

    def new_keys(self) -> tuple[Output, ...]:
        """Hand over, once, the keys made since the last call."""
        made, self._new = tuple(self._new), []
        return made

    def open(self, *, record_key: str, field: str, sealed: bytes) -> bytes:
        """Decrypt one field.

        :raises KeyPurged: the table says that the key is gone.
        :raises KeyNotSeen: the key is not in the table yet.
        :raises Rejected: the sealed bytes belong to another order or field, or were changed.
        """
        data_key = self._known(record_key)
        if data_key is None:
            raise KeyNotSeen(record_key)
        if sealed[:1] != FORMAT:
            raise Rejected(f"{field} is sealed in an unknown format", reason_class="bad-seal")
        return _decrypt(data_key, sealed[1:], _bound_to(record_key, field))

    def _known(self, record_key: str) -> bytes | None:
        if (opened := self._opened.get(record_key)) is not None:
            return opened
        row = self.table.get(record_key)
        if row is None:
            return None
        if not row.wrapped_key:
            raise KeyPurged(record_key)
        return self._remember(record_key, self.master.unwrap(row, record_key))

    def _make(self, record_key: str) -> bytes:
        account, order_id = split_record_key(record_key)
        data_key = os.urandom(KEY_BYTES)
        made = OrderKey(
            account=account,
            order_id=order_id,
            wrapped_key=self.master.wrap(data_key, record_key),
            master_key_id=self.master.id,
            created_at=self.clock.now().replace(microsecond=0),
        )
        self._new.append(Output(self.topic, record_key, made))
        return self._remember(record_key, data_key)

    def _remember(self, record_key: str, data_key: bytes) -> bytes:
        with self._lock:
            self._opened[record_key] = data_key
            if len(self._opened) > OPENED_MAX:
                self._opened.popitem(last=False)
        return data_key


def _bound_to(record_key: str, field: str) -> bytes:
    return f"{record_key}|{field}".encode()


def _encrypt(key: bytes, plain: bytes, bound_to: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, bound_to)


def _decrypt(key: bytes, sealed: bytes, bound_to: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to)
    except InvalidTag:
        raise Rejected(
            "sealed data does not open with its order's key: it was changed or moved",
            reason_class="bad-seal",
        ) from None

"""Names that are made in one place: record keys and external ids."""

from __future__ import annotations

import re
from typing import Final

from isthmus.core.errors import Rejected

ACCOUNT: Final = re.compile(r"[a-z0-9-]{1,40}")
EXTERNAL_ID_REFUSED: Final = re.compile(r"[^A-Za-z0-9_-]")


def record_key(account: str, business_key: str) -> str:
    """Join the seller account and the business key whose order matters.

    :raises ValueError: for a malformed account name.
    """
    if not ACCOUNT.fullmatch(account):
        raise ValueError(f"account {account!r} must be 1 to 40 of a-z, 0-9 and -")
    return f"{account}/{business_key}"


def split_record_key(key: str) -> tuple[str, str]:
    """Split a record key into account and business key.

    :raises Rejected: when it is not ``<account>/<business key>``.
    """
    account, slash, business_key = key.partition("/")
    if not slash or not business_key or not ACCOUNT.fullmatch(account):
        raise Rejected(
            f"key {key[:80]!r} is not <account>/<business key>", reason_class="wrong-key"
        )
    return account, business_key


def external_id(prefix: str, business_key: str) -> str:
    """Make NetSuite's external id, typed by its prefix (``AMZ-SO``, ``AMZ-CS``, …).

    External ids are unique across all transactions of an account, so the type is part of the id.

    :raises Rejected: for a character that NetSuite's ``eid:`` addresses do not carry.
    """
    if EXTERNAL_ID_REFUSED.search(business_key):
        raise Rejected(
            f"{business_key[:80]!r} holds a character that an external id cannot carry",
            reason_class="wrong-key",
        )
    return f"{prefix}-{business_key}"

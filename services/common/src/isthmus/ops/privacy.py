"""What may be written down: the last net under logs, after the care of whoever logs."""

from __future__ import annotations

import math
import re
import traceback
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from itertools import islice
from pathlib import PurePath
from types import NoneType
from typing import Final
from uuid import UUID

MASK: Final = "***"
DEPTH_MAX: Final = 6
ITEMS_MAX: Final = 100
TEXT_LENGTH_MAX: Final = 16_000
CAUSES_MAX: Final = 5
FRAMES_MAX: Final = 40

# Compared without case, hyphens and underscores.
PERSONAL: Final = frozenset(
    {
        *("buyer", "buyeremail", "buyerinfo", "buyername", "buyerphone", "customername"),
        *("email", "emailaddress", "firstname", "fullname", "lastname", "recipient"),
        *("recipientname", "phone", "phonenumber", "mobile", "fax"),
        *("address", "addressline1", "addressline2", "addressline3", "addr1", "addr2", "addr3"),
        *("billingaddress", "deliveryaddress", "shipaddress", "shippingaddress", "street"),
        *("city", "postalcode", "postcode", "zip", "zipcode", "attention", "addressee"),
        *("giftmessage", "giftmessagetext", "giftnote", "taxid", "vatnumber"),
    }
)
SECRET: Final = frozenset(
    {
        *("accesstoken", "apikey", "authorization", "clientassertion", "clientsecret"),
        *("consumersecret", "password", "privatekey", "refreshtoken", "saslpassword", "secret"),
        *("token", "tokensecret"),
    }
)
DENIED: Final = PERSONAL | SECRET

_EMAIL: Final = re.compile(r"[\w.+%'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_AS_THEY_ARE: Final = (NoneType, bool, int)
_AS_TEXT: Final = (date, Decimal, PurePath, UUID, timedelta)

# Python's own messages that speak of files, sockets and code. Those of the others quote values:
# a KeyError of a name is the name.
_HARMLESS: Final = (OSError, ImportError, AttributeError, MemoryError, RecursionError)


def is_denied(name: str) -> bool:
    """Tell whether a field of this name holds personal data or a secret."""
    return name.replace("_", "").replace("-", "").lower() in DENIED


def masked(text: str) -> str:
    """Replace what looks like an e-mail address, and cut what is too long."""
    cut = text if len(text) <= TEXT_LENGTH_MAX else text[:TEXT_LENGTH_MAX] + "…"
    return _EMAIL.sub(MASK, cut) if "@" in cut else cut


def permitted(fields: Mapping[str, object], *, depth: int = 0) -> dict[str, object]:
    """Return the fields that may be written down, their values made plain."""
    return {
        masked(str(name)): plain(value, depth=depth)
        for name, value in islice(fields.items(), ITEMS_MAX)
        if not is_denied(str(name))
    }


def plain(value: object, *, depth: int = 0) -> object:
    """Return the value as plain data, without denied fields, bounded in size.

    An object that is not known to be harmless shows its type and nothing else: records, requests
    and exceptions carry buyers in their ``repr``.
    """
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, _AS_THEY_ARE):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, _AS_TEXT):
        return masked(str(value))
    if isinstance(value, bytes):
        return f"<{len(value)} bytes>"
    return _plain_collection(value, depth=depth)


def _plain_collection(value: object, *, depth: int) -> object:
    if depth >= DEPTH_MAX:
        return "…"
    if isinstance(value, Mapping):
        return permitted(value, depth=depth + 1)
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one, depth=depth + 1) for one in islice(value, ITEMS_MAX)]
    return f"<{type(value).__name__}>"


def traceback_of(error: BaseException) -> str:
    """Return where an error came from, and its causes.

    The message is told only where it cannot quote a record: of our own errors, whose text is
    written for people, and of a few of Python's.
    """
    parts: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(parts) < CAUSES_MAX:
        frames = traceback.extract_tb(cause.__traceback__, limit=-FRAMES_MAX)
        parts.append("\n".join([*map(_place, frames), _headline(cause)]))
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return masked("\ncaused by\n".join(parts))


def _place(frame: traceback.FrameSummary) -> str:
    return f'File "{frame.filename}", line {frame.lineno}, in {frame.name}'


def _headline(error: BaseException) -> str:
    kind = type(error)
    is_ours = kind.__module__.partition(".")[0].partition("_")[0] == "isthmus"
    message = str(error) if is_ours or isinstance(error, _HARMLESS) else MASK
    return f"{kind.__module__}.{kind.__qualname__}: {message}"

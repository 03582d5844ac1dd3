"""Looks for texts in bytes, in the forms in which programs write texts down."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote, quote_plus

# What of Amazon's order names or reaches a person. Towns and states are too short to be told apart.
PERSONAL: Final = frozenset(
    {
        *("buyerName", "buyerEmail", "buyerCompanyName", "buyerPurchaseOrderNumber"),
        *("name", "companyName", "addressLine1", "addressLine2", "addressLine3", "phone"),
        *("giftMessage", "customizedUrl"),
    }
)
PLACES: Final = frozenset({"buyer", "deliveryAddress", "giftOption"})


def personal_texts(document: object, *, inside: bool = False) -> Iterator[str]:
    """Yield the personal texts of an order in Amazon's words."""
    if isinstance(document, Mapping):
        for name, value in document.items():
            if isinstance(value, str) and (inside or name == "giftMessage") and name in PERSONAL:
                yield value
            else:
                yield from personal_texts(value, inside=inside or name in PLACES)
    elif isinstance(document, list):
        for value in document:
            yield from personal_texts(value, inside=inside)


def forms(text: str) -> set[bytes]:
    """Return what the text looks like in plain, wide, escaped and base64 bytes."""
    plain = text.encode()
    found = {plain, text.encode("utf-16-le"), text.encode("utf-16-be")}
    found |= {quote(text).encode(), quote_plus(text).encode(), json.dumps(text)[1:-1].encode()}
    for shift in range(3):
        # The first and last characters also depend on the neighbors of the text.
        whole = base64.b64encode(bytes(shift) + plain)
        cut = whole[4 if shift else 0 : -4]
        if len(cut) >= 8:
            found |= {cut, cut.translate(bytes.maketrans(b"+/", b"-_"))}
    return found


def leaks(texts: Iterable[str], places: Mapping[str, bytes]) -> dict[str, list[str]]:
    """Return the places that hold one of the texts, with the texts."""
    wanted = [(text, forms(text)) for text in sorted(set(texts))]
    found: dict[str, list[str]] = {}
    for place, content in places.items():
        if hits := [text for text, looks in wanted if any(look in content for look in looks)]:
            found[place] = hits
    return found


def described(message: Any) -> bytes:
    """Return all bytes of a record: key, value, headers."""
    parts = [message.key(), message.value()]
    for name, value in message.headers() or ():
        parts += [name.encode(), value]
    return b"\n".join(part for part in parts if part is not None)

"""The delivery address in NetSuite's words."""

from __future__ import annotations

from typing import Final

from isthmus.messages.personal import Address

STREET_LINES: Final = 3


def shipping_address(address: Address) -> dict[str, object]:
    """Return the address as the record API takes it; nothing is cut, empty parts are left out."""
    named = {
        # With a company on it, the person stands below.
        "addressee": _plain(address.company or address.name),
        "attention": _plain(address.name) if address.company else "",
        **_street(address),
        "city": _plain(address.city),
        "state": _plain(address.state),
        "zip": _plain(address.postal_code),
        "addrPhone": _plain(address.phone),
    }
    country = {"country": {"id": address.country}} if address.country else {}
    return {name: text for name, text in named.items() if text} | country | {"override": False}


def private_texts(address: Address) -> frozenset[str]:
    """Return every text that could tell who the buyer is."""
    texts = {
        *(address.name, address.company, address.city, address.district, address.state),
        *(address.postal_code, address.phone),
        *address.lines,
    }
    return frozenset(_plain(text) for text in texts if text)


def _street(address: Address) -> dict[str, str]:
    lines = [_plain(line) for line in (*address.lines, address.district) if _plain(line)]
    kept, rest = lines[: STREET_LINES - 1], lines[STREET_LINES - 1 :]
    return {
        f"addr{number}": line
        for number, line in enumerate([*kept, ", ".join(rest)], start=1)
        if line
    }


def _plain(text: str) -> str:
    """A line break inside a field would be read as the next line of the address."""
    return " ".join(text.split())

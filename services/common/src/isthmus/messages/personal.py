"""What is inside the sealed fields: JSON of these structs.

Never a field of a record, never logged. Unknown fields are ignored and missing ones empty, so that
both sides may change apart from each other.
"""

from __future__ import annotations

import msgspec


class Buyer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who bought."""

    name: str = ""
    email: str = ""
    company: str = ""
    purchase_order: str = ""

    def __repr__(self) -> str:
        """Tell nothing: a repr ends in logs."""
        return "Buyer(…)"


class Address(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where to deliver.

    :param lines: street lines as the buyer wrote them.
    :param country: ISO 3166 alpha-2.
    """

    name: str = ""
    company: str = ""
    lines: tuple[str, ...] = ()
    city: str = ""
    district: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""
    phone: str = ""

    def __repr__(self) -> str:
        """Tell nothing: a repr ends in logs."""
        return "Address(…)"

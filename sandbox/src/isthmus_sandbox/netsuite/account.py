"""What distinguishes one NetSuite account from another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from isthmus_sandbox.netsuite.records.fields import Kind

CUSTOM_FIELDS: Final[Mapping[str, Kind]] = {
    "custbody_amz_payload_hash": Kind.TEXT,
    "custbody_amz_order_id": Kind.TEXT,
    "custbody_amz_marketplace": Kind.TEXT,
    "custbody_amz_channel": Kind.TEXT,
    "custbody_amz_ship_by": Kind.MOMENT,
    "custcol_amz_order_item_id": Kind.TEXT,
    "custcol_amz_sku": Kind.TEXT,
    "custcol_amz_asin": Kind.TEXT,
}
_CUSTOM_KINDS: Final = frozenset(
    {Kind.TEXT, Kind.INTEGER, Kind.NUMBER, Kind.MONEY, Kind.BOOLEAN, Kind.DATE, Kind.MOMENT}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The preferences of one account. Those that Oracle documents nowhere can be set."""

    account_id: str = "1234567"
    time_zone: str = "America/Los_Angeles"
    duplicate_code: str = "DUP_RCRD"
    custom_fields: Mapping[str, Kind] = field(default_factory=lambda: CUSTOM_FIELDS)
    token_life_s: float = 3600.0

    def local(self, moment: datetime) -> datetime:
        """Return what the account's clocks show at this moment."""
        return moment.astimezone(ZoneInfo(self.time_zone))

    def today(self, moment: datetime) -> date:
        """Return the account's date at this moment."""
        return self.local(moment).date()


def rest_time(moment: datetime) -> str:
    """Return a moment as the record API writes it: UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def custom_field(text: str) -> tuple[str, Kind]:
    """Read `custbody_name` or `custcol_name`, with `:kind` behind it when it is not text.

    :raises ValueError: when it is neither.
    """
    name, _, kind = text.partition(":")
    known = sorted(_CUSTOM_KINDS)
    if not name.startswith(("custbody_", "custcol_")) or (kind or Kind.TEXT) not in known:
        raise ValueError(f"{text!r} is no custom field: custbody_… or custcol_…, :{known}.")
    return name, Kind(kind or Kind.TEXT)

"""What the simulated Amazon knows of an order, as the store and the routes pass it around."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeAlias

Document: TypeAlias = dict[str, Any]
"""A JSON object in Amazon's own words."""


class OrderKind(StrEnum):
    """Why the scenario has this order; Amazon never says so."""

    MFN = "mfn"
    FBA = "fba"
    SFP = "sfp"
    MIXED = "mixed"
    PENDING = "pending"
    CANCELLED = "cancelled"
    UNKNOWN_SKU = "unknown_sku"
    EXAMPLE = "example"


class Status(StrEnum):
    """Amazon's fulfillment status of an order."""

    PENDING_AVAILABILITY = "PENDING_AVAILABILITY"
    PENDING = "PENDING"
    UNSHIPPED = "UNSHIPPED"
    PARTIALLY_SHIPPED = "PARTIALLY_SHIPPED"
    SHIPPED = "SHIPPED"
    CANCELLED = "CANCELLED"
    UNFULFILLABLE = "UNFULFILLABLE"


@dataclass(frozen=True, slots=True)
class Order:
    """One order: the whole truth in `document`, whatever a caller may see of it."""

    account: str
    kind: OrderKind
    document: Document

    @property
    def order_id(self) -> str:
        return str(self.document["orderId"])

    @property
    def marketplace_id(self) -> str:
        return str(self.document["salesChannel"].get("marketplaceId", ""))

    @property
    def status(self) -> Status:
        return Status(self.document["fulfillment"]["fulfillmentStatus"])

    @property
    def fulfilled_by(self) -> str:
        return str(self.document["fulfillment"].get("fulfilledBy", ""))

    @property
    def created(self) -> datetime:
        return datetime.fromisoformat(self.document["createdTime"])

    @property
    def updated(self) -> datetime:
        return datetime.fromisoformat(self.document["lastUpdatedTime"])


def moment(time: datetime) -> str:
    """Return the time as Amazon writes it, in UTC, to the millisecond."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

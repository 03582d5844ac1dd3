"""The mapping of one seller account, as its file says it: names of Amazon to ids of NetSuite."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from isthmus.messages.amazon import ChargeType

HASH_FIELD: Final = "custbody_amz_payload_hash"

InternalId = Annotated[str, StringConstraints(pattern=r"^-?[0-9]{1,15}$")]
ExternalId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,100}$")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
BodyField = Annotated[str, StringConstraints(pattern=r"^custbody[a-z0-9_]*$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class TaxPolicy(StrEnum):
    """What becomes of the tax that Amazon shows."""

    BOOK = "book"
    """The seller owes it: it is part of the total."""
    OMIT = "omit"
    """Amazon collects and remits it: it is left out, of the total too."""
    NET_TO_ZERO = "net_to_zero"
    """Amazon collects and remits it: it is shown, and taken off again by a line of its own."""
    INCLUDED = "included"
    """The prices hold it already: it is told, not added."""


class Part(BaseModel):
    """A part of the file: frozen, and a name that is not known is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class CustomerPart(Part):
    """The customer that a marketplace's orders are booked on."""

    external_id: ExternalId
    name: Name


class Locations(Part):
    """Where the goods leave from: by the merchant's hands, or by Amazon's."""

    merchant: InternalId
    amazon: InternalId


class ChargeItem(Part):
    """An item of NetSuite for what is no product."""

    id: InternalId
    name: Name


class ChargeItems(Part):
    """The items for charges; an order with a charge that has none becomes a dead letter."""

    shipping: ChargeItem | None = None
    gift_wrap: ChargeItem | None = None
    discount: ChargeItem | None = None
    tax: ChargeItem | None = None
    withheld_tax: ChargeItem | None = None

    def of(self, charge_type: str) -> ChargeItem | None:
        """Return the item of a charge, if there is one."""
        by_type = {
            ChargeType.SHIPPING.value: self.shipping,
            ChargeType.GIFT_WRAP.value: self.gift_wrap,
            ChargeType.DISCOUNT.value: self.discount,
            ChargeType.TAX.value: self.tax,
        }
        return by_type.get(charge_type)


class MarketplacePart(Part):
    """One marketplace."""

    name: Name
    currency: Currency
    customer: CustomerPart
    locations: Locations
    tax: TaxPolicy
    subsidiary: InternalId | None = None


class MappingFile(Part):
    """The file of one account.

    :param aliases: seller SKUs whose item has another name in NetSuite.
    :param ship_methods: by Amazon's service level; ``ship_method`` is for all others.
    """

    time_zone: str
    marketplaces: dict[str, MarketplacePart] = Field(min_length=1)
    charge_items: ChargeItems
    aliases: dict[str, Name] = Field(default={})
    ship_methods: dict[str, InternalId] = Field(default={})
    ship_method: InternalId | None = None
    custom_fields: dict[BodyField, str] = Field(default={})

    @field_validator("time_zone")
    @classmethod
    def _is_known(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(
                f"{value} is not a time zone that this machine knows, such as America/New_York"
            ) from error
        return value

    @field_validator("custom_fields")
    @classmethod
    def _leaves_the_hash_alone(cls, value: dict[str, str]) -> dict[str, str]:
        if HASH_FIELD in value:
            raise ValueError(f"{HASH_FIELD} is written by netsuite-writer")
        return value

    @model_validator(mode="after")
    def _has_the_items_of_its_taxes(self) -> Self:
        items = self.charge_items
        policies = {one.tax for one in self.marketplaces.values()}
        if TaxPolicy.NET_TO_ZERO in policies and not (items.tax and items.withheld_tax):
            raise ValueError("tax: net_to_zero needs charge_items.tax and .withheld_tax")
        if TaxPolicy.BOOK in policies and not items.tax:
            raise ValueError("tax: book needs charge_items.tax")
        return self


@dataclass(frozen=True, slots=True)
class AccountMapping:
    """The mapping of an account.

    :param version: changes with every byte of the file.
    """

    account: str
    version: str
    file: MappingFile
    time_zone: ZoneInfo

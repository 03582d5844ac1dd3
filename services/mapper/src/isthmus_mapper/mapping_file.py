"""The mapping file of an account: YAML, checked, refused with file, line and remedy."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from isthmus.messages.netsuite import Customer
from isthmus.ops.configuration import ConfigurationError, Problem
from isthmus.ops.documents import Section, read_document
from isthmus_mapper.domain.mapping import AccountMapping, ChargeItem, TaxPolicy

VERSION_LENGTH: Final = 12

InternalId = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,19}$")]
ExternalId = Annotated[str, StringConstraints(pattern=r"^AMZ-CUST-[A-Za-z0-9_-]{1,60}$")]
ChargeKind = Literal["shipping", "gift_wrap", "discount", "tax", "other"]


class CustomerPart(Section):
    """The customer record of a marketplace."""

    external_id: ExternalId
    name: str = Field(min_length=1, max_length=83)


class ChargeItemPart(Section):
    """The item on which a kind of charge is booked."""

    item_id: InternalId
    sku: str = Field(min_length=1)


class Locations(Section):
    """Where the goods are."""

    fba: InternalId
    merchant: InternalId


class MappingFile(Section):
    """How the orders of one seller account are booked."""

    subsidiary_id: InternalId | None = None
    locations: Locations
    customers: dict[str, CustomerPart] = Field(min_length=1)
    charge_items: dict[ChargeKind, ChargeItemPart]
    tax: TaxPolicy = TaxPolicy.OMIT
    ship_methods: dict[str, InternalId] = Field(default_factory=dict)
    aliases: dict[str, str] = Field(default_factory=dict)


def read_mappings(folder: Path) -> Mapping[str, AccountMapping]:
    """Read ``<account>.yaml`` for each account.

    :raises ConfigurationError: naming file and line of everything that is wrong.
    """
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        what, remedy = "holds no mapping file", "add <account>.yaml for each seller account"
        raise ConfigurationError([Problem(str(folder), what, remedy)])
    return {path.stem: read_mapping(path) for path in paths}


def read_mapping(path: Path) -> AccountMapping:
    """Read the mapping file of one account.

    :raises ConfigurationError: naming file and line of everything that is wrong.
    """
    document = read_document(path, MappingFile)
    content = document.content
    return AccountMapping(
        version=document.sha256[:VERSION_LENGTH],
        subsidiary_id=content.subsidiary_id,
        fba_location_id=content.locations.fba,
        merchant_location_id=content.locations.merchant,
        customers={
            marketplace: Customer(external_id=one.external_id, name=one.name)
            for marketplace, one in content.customers.items()
        },
        charge_items={
            kind: ChargeItem(one.item_id, one.sku) for kind, one in content.charge_items.items()
        },
        tax=content.tax,
        ship_method_ids=content.ship_methods,
        aliases=content.aliases,
    )

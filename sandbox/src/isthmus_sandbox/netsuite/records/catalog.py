"""The record types the account has, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from isthmus_sandbox.netsuite.records.fields import (
    BOOLEAN,
    COUNTRY,
    DATE,
    INTEGER,
    MONEY,
    NUMBER,
    READ_ONLY,
    Field,
    Fields,
    Kind,
    choice,
    nested,
    reference,
    sublist,
    text,
)

TRANSACTION: Final = "transaction"
ENTITY: Final = "entity"
ITEM: Final = "item"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordType:
    """A type of the record API. External ids are unique in the group, not in the type."""

    name: str
    group: str
    fields: Fields
    analytics: str = ""
    number_prefix: str = ""
    posting: bool = False
    in_rest: bool = True


_COMMON: Final[Fields] = {
    "id": READ_ONLY,
    "links": READ_ONLY,
    "refName": READ_ONLY,
    "createdDate": READ_ONLY,
    "lastModifiedDate": READ_ONLY,
    "externalId": text(255),
}
_ADDRESS: Final = nested(
    {
        "addressee": text(),
        "attention": text(),
        "addr1": text(150),
        "addr2": text(150),
        "addr3": text(150),
        "city": text(),
        "state": text(),
        "zip": text(36),
        "country": COUNTRY,
        "addrPhone": text(),
        "addrText": READ_ONLY,
        "override": BOOLEAN,
    }
)
_LINE: Final[Fields] = {
    "line": INTEGER,
    "lineUniqueKey": READ_ONLY,
    "item": reference(ITEM),
    "quantity": NUMBER,
    "rate": NUMBER,
    "amount": MONEY,
    "price": reference("priceLevel"),
    "description": text(4000),
    "taxCode": reference("taxCode"),
    "isTaxable": BOOLEAN,
    "taxDetailsReference": text(),
    "location": reference("location"),
    "inventoryLocation": reference("location"),
    "department": reference("department"),
    "class": reference("class"),
    "isClosed": BOOLEAN,
    "expectedShipDate": DATE,
    "commitInventory": choice(_1="Available Qty", _2="Complete Qty", _3="Do Not Commit"),
    "noAutoAssignLocation": BOOLEAN,
    "orderLine": READ_ONLY,
}
_TAX_DETAIL: Final[Fields] = {
    "taxDetailsReference": text(),
    "taxType": reference("taxType"),
    "taxCode": reference("taxCode"),
    "taxBasis": MONEY,
    "taxRate": NUMBER,
    "taxAmount": MONEY,
}
_SALE: Final[Fields] = {
    **_COMMON,
    "entity": reference(ENTITY),
    "subsidiary": reference("subsidiary"),
    "customForm": reference("customForm"),
    "tranDate": DATE,
    "tranId": text(45),
    "otherRefNum": text(45),
    "memo": text(999),
    "currency": reference("currency"),
    "exchangeRate": NUMBER,
    "department": reference("department"),
    "class": reference("class"),
    "location": reference("location"),
    "salesChannel": reference("salesChannel"),
    "shipMethod": reference("shipMethod"),
    "shipDate": DATE,
    "shippingCost": MONEY,
    "handlingCost": MONEY,
    "email": text(254),
    "isTaxable": BOOLEAN,
    "taxDetailsOverride": BOOLEAN,
    "taxDetails": sublist(_TAX_DETAIL),
    "shippingAddress": _ADDRESS,
    "billingAddress": _ADDRESS,
    "toBeEmailed": BOOLEAN,
    "toBePrinted": BOOLEAN,
    "item": sublist(_LINE),
    "status": READ_ONLY,
    "source": READ_ONLY,
    "subtotal": READ_ONLY,
    "taxTotal": READ_ONLY,
    "total": READ_ONLY,
}
_SALES_ORDER: Final[Fields] = {
    **_SALE,
    "orderStatus": choice(A="Pending Approval", B="Pending Fulfillment"),
    "shipComplete": BOOLEAN,
    "terms": reference("terms"),
}
_CASH_SALE: Final[Fields] = {
    **_SALE,
    "account": reference("account"),
    "undepFunds": BOOLEAN,
    "paymentMethod": reference("paymentMethod"),
    "postingPeriod": READ_ONLY,
}
_CUSTOMER: Final[Fields] = {
    **_COMMON,
    "entityId": text(83),
    "isPerson": BOOLEAN,
    "companyName": text(83),
    "firstName": text(32),
    "lastName": text(32),
    "email": text(254),
    "phone": text(32),
    "subsidiary": reference("subsidiary"),
    "currency": reference("currency"),
    "isInactive": BOOLEAN,
    "comments": text(4000),
    "addressBook": sublist(
        {
            "defaultBilling": BOOLEAN,
            "defaultShipping": BOOLEAN,
            "isResidential": BOOLEAN,
            "label": text(150),
            "addressBookAddress": _ADDRESS,
        }
    ),
}
_ITEM: Final[Fields] = {
    **_COMMON,
    "itemId": text(60),
    "displayName": text(60),
    "upcCode": text(20),
    "mpn": text(60),
    "salesDescription": text(4000),
    "basePrice": MONEY,
    "cost": MONEY,
    "weight": NUMBER,
    "isInactive": BOOLEAN,
}
_ENTRY: Final[Fields] = {"name": text(), "externalId": text(255), "isInactive": BOOLEAN}

_ITEM_TYPES: Final[Mapping[str, str]] = {
    "inventoryItem": "InvtPart",
    "nonInventorySaleItem": "NonInvtPart",
    "otherChargeSaleItem": "OthCharge",
    "serviceSaleItem": "Service",
    "discountItem": "Discount",
    "kitItem": "Kit",
    "assemblyItem": "Assembly",
}
_LISTS: Final = (
    "subsidiary",
    "currency",
    "location",
    "department",
    "class",
    "customForm",
    "salesChannel",
    "shipMethod",
    "paymentMethod",
    "account",
    "terms",
    "priceLevel",
    "taxCode",
    "taxType",
)


def record_types(custom_fields: Mapping[str, Kind]) -> Mapping[str, RecordType]:
    """Return all types by name, with the account's custom body and column fields."""
    types = [*_transaction_types(), *_master_types(), *_list_types()]
    return {kind.name: _with_custom(kind, custom_fields) for kind in types}


def _transaction_types() -> list[RecordType]:
    return [
        RecordType(
            name="salesOrder",
            group=TRANSACTION,
            fields=_SALES_ORDER,
            analytics="SalesOrd",
            number_prefix="SO",
        ),
        RecordType(
            name="cashSale",
            group=TRANSACTION,
            fields=_CASH_SALE,
            analytics="CashSale",
            number_prefix="CS",
            posting=True,
        ),
    ]


def _master_types() -> list[RecordType]:
    customer = RecordType(name="customer", group=ENTITY, fields=_CUSTOMER, analytics="CustJob")
    items = [
        RecordType(name=name, group=ITEM, fields=_ITEM, analytics=analytics)
        for name, analytics in _ITEM_TYPES.items()
    ]
    return [customer, *items]


def _list_types() -> list[RecordType]:
    return [RecordType(name=name, group=name, fields=_ENTRY, in_rest=False) for name in _LISTS]


def _with_custom(kind: RecordType, custom_fields: Mapping[str, Kind]) -> RecordType:
    """Custom fields are configured, so a misspelt one is as unknown as any other."""
    if kind.group != TRANSACTION:
        return kind
    body = _custom(custom_fields, prefix="custbody_")
    lines = {**kind.fields["item"].fields, **_custom(custom_fields, prefix="custcol_")}
    return replace(kind, fields={**kind.fields, **body, "item": sublist(lines)})


def _custom(custom_fields: Mapping[str, Kind], *, prefix: str) -> Fields:
    return {
        name: Field(kind=kind, length=4000)
        for name, kind in custom_fields.items()
        if name.startswith(prefix)
    }

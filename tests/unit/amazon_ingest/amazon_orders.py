"""Orders as Amazon writes them, and a sealer that hides nothing from a test."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any, Final

from isthmus.core.records import Output
from isthmus.messages.control import OrderKey

Json = dict[str, Any]
ORDER: Final[Json] = {
    "orderId": "111-1234567-1234567",
    "createdTime": "2026-11-27T07:00:00Z",
    "lastUpdatedTime": "2026-11-27T07:30:00Z",
    "programs": ["PRIME"],
    "salesChannel": {"channelName": "AMAZON", "marketplaceId": "ATVPDKIKX0DER"},
    "buyer": {"buyerName": "Ada Lovelace", "buyerEmail": "ada@marketplace.amazon.com"},
    "recipient": {
        "deliveryAddress": {
            "name": "Ada Lovelace",
            "addressLine1": "12 St James Square",
            "addressLine2": "",
            "city": "Seattle",
            "stateOrRegion": "WA",
            "postalCode": "98101",
            "countryCode": "US",
            "phone": "+1 206 555 0100",
        }
    },
    "proceeds": {"grandTotal": {"amount": "49.99", "currencyCode": "USD"}},
    "fulfillment": {
        "fulfillmentStatus": "UNSHIPPED",
        "fulfilledBy": "MERCHANT",
        "fulfillmentServiceLevel": "STANDARD",
        "shipByWindow": {"latestDateTime": "2026-11-28T23:59:59Z"},
        "deliverByWindow": {"latestDateTime": "2026-12-01T23:59:59Z"},
    },
    "orderItems": [
        {
            "orderItemId": "11498765431234",
            "quantityOrdered": 2,
            "product": {
                "asin": "B000000001",
                "title": "Stoneware Mug",
                "sellerSku": "SKU-0001",
                "price": {"unitPrice": {"amount": "20.00", "currencyCode": "USD"}},
            },
            "proceeds": {
                "breakdowns": [
                    {"type": "ITEM", "subtotal": {"amount": "40.00", "currencyCode": "USD"}},
                    {
                        "type": "TAX",
                        "subtotal": {"amount": "9.99", "currencyCode": "USD"},
                        "detailedBreakdowns": [
                            {
                                "subtype": "ITEM",
                                "value": {"amount": "9.00", "currencyCode": "USD"},
                            },
                            {
                                "subtype": "SHIPPING",
                                "value": {"amount": "0.99", "currencyCode": "USD"},
                            },
                        ],
                    },
                ]
            },
            "fulfillment": {"quantityFulfilled": 0, "quantityUnfulfilled": 2},
        }
    ],
}
PERSONAL: Final = ("Ada", "Lovelace", "ada@", "St James", "98101", "555 0100")


def amazon_order(changes: Json | None = None, **fields: Any) -> Json:
    """Return the order with fields replaced, and with values set at paths: ``a.0.b``."""
    order = {**deepcopy(ORDER), **fields}
    for path, value in (changes or {}).items():
        *parents, last = path.split(".")
        node: Any = order
        for part in parents:
            node = node[int(part)] if isinstance(node, list) else node[part]
        if value is DROPPED:
            del node[last]
        else:
            node[int(last) if isinstance(node, list) else last] = value
    return order


DROPPED: Final = object()


def raw(order: Json) -> bytes:
    return json.dumps(order, ensure_ascii=False).encode()


class OpenSealer:
    """Shows what was sealed for whom, and makes a key for each order once."""

    def __init__(self) -> None:
        self._keys: list[str] = []
        self._new: list[str] = []

    def seal(self, *, record_key: str, field: str, plain: bytes) -> bytes:
        if record_key not in self._keys:
            self._keys.append(record_key)
            self._new.append(record_key)
        return f"{record_key}|{field}|".encode() + plain

    def new_keys(self) -> tuple[Output, ...]:
        new, self._new = self._new, []
        return tuple(Output("isthmus.order-keys", key, a_key(key)) for key in new)


def a_key(record_key: str) -> OrderKey:
    account, _, order_id = record_key.partition("/")
    return OrderKey(
        account=account,
        order_id=order_id,
        wrapped_key=b"wrapped",
        master_key_id="master-1",
        created_at=datetime(2026, 11, 27, tzinfo=UTC),
    )

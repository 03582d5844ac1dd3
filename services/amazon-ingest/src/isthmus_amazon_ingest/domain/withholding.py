"""An answer as it may stand in a dead letter: without anything about a person."""

from __future__ import annotations

from typing import Final

import msgspec

WITHHELD: Final = msgspec.Raw(b'"[withheld]"')
DEPTH_MAX: Final = 16

# Named are the harmless ones, so that a field that Amazon adds tomorrow is withheld.
HARMLESS: Final = frozenset(
    {
        *("orderId", "createdTime", "lastUpdatedTime", "programs", "salesChannel", "channelName"),
        *("marketplaceId", "marketplaceName", "associatedOrders", "associationType"),
        *("proceeds", "grandTotal", "proceedsTotal", "breakdowns", "detailedBreakdowns", "type"),
        *("subtype", "subtotal", "value", "status", "amount", "currencyCode"),
        *("fulfillment", "fulfillmentStatus", "fulfilledBy", "fulfillmentServiceLevel"),
        *("shipByWindow", "deliverByWindow", "earliestDateTime", "latestDateTime"),
        *("quantityFulfilled", "quantityUnfulfilled", "orderItems", "orderItemId"),
        *("quantityOrdered", "measurement", "unit", "product", "asin", "title", "sellerSku"),
        *("price", "unitPrice", "priceDesignation", "promotion", "promotionId"),
    }
)


def without_persons(raw: bytes) -> bytes:
    """Return a JSON object with every field withheld that is not known to be harmless.

    What stays is written as it came, to the byte. What is no object is withheld whole.
    """
    if not raw.lstrip().startswith(b"{"):
        return bytes(WITHHELD)
    try:
        return bytes(_harmless(raw, depth=0))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return bytes(WITHHELD)


def _harmless(raw: bytes | msgspec.Raw, *, depth: int) -> msgspec.Raw:
    if depth > DEPTH_MAX:
        return WITHHELD
    text = bytes(raw).lstrip()
    if text.startswith(b"{"):
        fields = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
        return _written(
            {
                name: _harmless(value, depth=depth + 1) if name in HARMLESS else WITHHELD
                for name, value in fields.items()
            }
        )
    if text.startswith(b"["):
        return _written(
            [
                _harmless(value, depth=depth + 1)
                for value in msgspec.json.decode(text, type=list[msgspec.Raw])
            ]
        )
    return msgspec.Raw(text)


def _written(value: object) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))

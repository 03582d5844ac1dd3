"""What was commanded for an order: an equal command is written once, and no mapping changes it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

import msgspec

from isthmus.core.money import QUANTUM
from isthmus.messages.amazon import Order, OrderItem
from isthmus.messages.netsuite import CommandedOrder, OrderCommand
from isthmus_mapper.domain.booking import Booking

# Sealed anew in every fact, or for people: a listing's title may change at any time.
UNHASHED: Final = frozenset({"ship_to", "memo", "description"})


def substance_hash(order: Order, booking: Booking) -> str:
    """Return what tells whether an order still asks for the same command, by whatever mapping."""
    return _hash(
        {
            "booking": booking.value,
            "marketplace": order.marketplace_id,
            "purchased_at": order.purchased_at,
            "service_level": order.service_level,
            "total": order.grand_total,
            "items": sorted((_substance_of(item) for item in order.items), key=str),
        }
    )


def payload_hash(command: OrderCommand) -> str:
    """Return what tells two commands apart."""
    return _hash(command.body)


def is_settled(order: Order, substance: str, before: CommandedOrder) -> bool:
    """Tell whether nothing follows from an order that was commanded before.

    It asks for the same, so it keeps its command although a mapping or an item has changed; or
    a newer state of it was looked at, which replays of older ones must not undo.
    """
    return substance == before.substance_hash or order.updated_at < before.fact_updated_at


def commanded(command: OrderCommand, substance: str) -> CommandedOrder:
    """Return what to remember of a command."""
    return CommandedOrder(
        account=command.account,
        order_id=command.order_id,
        kind=str(command.body.__struct_config__.tag),
        external_id=command.body.external_id,
        payload_hash=payload_hash(command),
        substance_hash=substance,
        mapping_version=command.lineage.mapping_version,
        fact=command.lineage.fact,
        fact_updated_at=command.lineage.fact_updated_at,
    )


def _substance_of(item: OrderItem) -> Mapping[str, object]:
    amounts: dict[str, Decimal] = {}
    for charge in item.charges:
        name = f"{charge.type} {charge.amount.currency}"
        amounts[name] = amounts.get(name, Decimal(0)) + charge.amount.amount
    return {
        "id": item.item_id,
        "sku": item.sku,
        "quantity": item.quantity_ordered,
        "amounts": {name: _canonical(amounts[name]) for name in sorted(amounts)},
    }


def _hash(content: object) -> str:
    plain = msgspec.to_builtins(content, builtin_types=(Decimal,))
    encoded = msgspec.json.encode(_canonical(plain), order="sorted")
    return f"sha256:{hashlib.sha256(encoded).hexdigest()}"


def _canonical(value: object) -> object:
    """Leave out what is not hashed, and write amounts alike: 40.00 is 40.0000."""
    match value:
        case dict():
            return {name: _canonical(one) for name, one in value.items() if name not in UNHASHED}
        case list() | tuple():
            return [_canonical(one) for one in value]
        case Decimal():
            return str(value.quantize(QUANTUM))
        case _:
            return value

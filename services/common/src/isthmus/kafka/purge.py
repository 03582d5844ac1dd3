"""The purge of an order's key: what is written, in one transaction with the audit of it."""

from __future__ import annotations

from datetime import datetime

from isthmus.core.identifiers import split_record_key
from isthmus.kafka.codec import Codec
from isthmus.kafka.letters import Write
from isthmus.kafka.topology import Topology
from isthmus.messages.control import Audit, OrderKey


def writes_of(
    record_key: str, *, topology: Topology, codec: Codec, at: datetime, by: str, why: str
) -> list[Write]:
    """Return the records that purge an order.

    The row stays, without a key: a tombstone would be forgotten after its retention, and the order
    could not be told from one whose key has not arrived yet, nor be kept from getting a new one.
    """
    account, order_id = split_record_key(record_key)
    purged = OrderKey(
        account=account,
        order_id=order_id,
        wrapped_key=b"",
        master_key_id="",
        created_at=at.replace(microsecond=0),
    )
    audit = Audit(
        at=at,
        by=by,
        action="purge",
        topic=topology.order_keys,
        group="",
        key=record_key,
        detail=why,
    )
    key = record_key.encode()
    return [
        Write(topology.order_keys, -1, key, codec.encode(topology.order_keys, purged), []),
        Write(topology.audit, -1, key, codec.encode(topology.audit, audit), []),
    ]

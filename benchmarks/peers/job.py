"""The jobs by fastavro alone, on plain dicts; and where to do them."""

from __future__ import annotations

import io
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from fastavro import parse_schema, schemaless_reader, schemaless_writer
from fastavro.schema import fingerprint, load_schema, to_parsing_canonical_form

PREFIX_BYTES: Final = 10
BATCH: Final = 1000
SINK_BATCH: Final = 200
SLOTS: Final = 20

BOOTSTRAP: Final = os.environ["BENCH_BOOTSTRAP"]  # noqa: TID251
GROUP: Final = os.environ["BENCH_GROUP"]  # noqa: TID251
LATENCY_S: Final = float(os.environ.get("BENCH_LATENCY_S", "0.2"))  # noqa: TID251
_PREFIX: Final = os.environ["BENCH_PREFIX"]  # noqa: TID251
_SCHEMAS: Final = Path(os.environ["BENCH_SCHEMAS"])  # noqa: TID251

ORDERS: Final = f"{_PREFIX}bench.orders"
SHIPPED: Final = f"{_PREFIX}bench.shipped"
OUTCOMES: Final = f"{_PREFIX}bench.outcomes"


class Schema:
    """One record type: single-object encoding, as everybody's in this race."""

    def __init__(self, path: Path) -> None:
        parsed = load_schema(str(path))
        self._schema = parse_schema(parsed)
        canonical = to_parsing_canonical_form(parsed)
        mark = bytes.fromhex(fingerprint(canonical, "CRC-64-AVRO"))
        self.prefix = b"\xc3\x01" + mark

    def decode(self, value: bytes) -> dict[str, Any]:
        """Return the record of a value."""
        stream = io.BytesIO(value)
        stream.seek(PREFIX_BYTES)
        record: dict[str, Any] = schemaless_reader(stream, self._schema, None)  # type: ignore[assignment]
        return record

    def encode(self, record: dict[str, Any]) -> bytes:
        """Return a record as it goes into Kafka."""
        stream = io.BytesIO()
        stream.write(self.prefix)
        schemaless_writer(stream, self._schema, record)
        return stream.getvalue()


ORDER: Final = Schema(_SCHEMAS / "amazon" / "Order.avsc")
OUTCOME: Final = Schema(_SCHEMAS / "netsuite" / "Outcome.avsc")


def shipped(value: bytes) -> bytes:
    """Do the job of the stage."""
    order = ORDER.decode(value)
    order["status"] = "SHIPPED"
    return ORDER.encode(order)


def outcome(value: bytes, *, command: str) -> bytes:
    """Tell what the job of the sink did, once the effect was had."""
    order = ORDER.decode(value)
    return OUTCOME.encode(
        {
            "account": order["account"],
            "order_id": order["order_id"],
            "external_id": f"AMZ-SO-{order['order_id']}",
            "record_type": "salesOrder",
            "result": "created",
            "internal_id": "4711",
            "payload_hash": "",
            "command": command,
            "attempts": 1,
            "looked_up": False,
            "finished_at": datetime.now(UTC),  # noqa: TID251
        }
    )

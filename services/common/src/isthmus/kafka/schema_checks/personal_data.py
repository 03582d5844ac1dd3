"""No personal data in the clear: what looks like it says whether it is, and what is, is sealed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from isthmus.kafka.schema_checks.walk import records
from isthmus.kafka.schemas import Schema, Schemas
from isthmus.kafka.topology import Topology
from isthmus.ops.configuration import Problem

LOOKS_PERSONAL: Final = re.compile(
    r"name|mail|phone|address|street|city|state$|district|county|country|postal|zip|buyer|recipient"
    r"|addressee|customer_note|gift|message|memo|note|comment|detail|company|birth|tax_number|vat"
    r"|ship_to|bill_to|purchase_order",
)
SEALED: Final = ("bytes", ["null", "bytes"])


def problems(schemas: Schemas, *, topology: Topology) -> Iterator[Problem]:
    """Yield unmarked fields, marked ones in the clear, and topics that say otherwise."""
    for name in schemas.names:
        schema = schemas.current(name)
        for record in records(schema):
            for field in record["fields"]:
                yield from _of_field(schema, record["name"], field)
    for topic in topology.topics.values():
        if topic.record in schemas.names:
            yield from _of_topic(schemas.current(topic.record), topic.name, sealed=topic.pii)


def _of_field(schema: Schema, record: str, field: Mapping[str, Any]) -> Iterator[Problem]:
    where = f"{schema.path}: {record}.{field['name']}"
    mark = field.get("pii")
    if mark is None and LOOKS_PERSONAL.search(field["name"]):
        remedy = '"pii": true and bytes if it can be, "pii": false if it never is'
        yield Problem(where, "looks like personal data and does not say whether it is", remedy)
    elif mark is True and field["type"] not in SEALED:
        what = f"is personal data, but in the clear: {field['type']}"
        yield Problem(where, what, "make it bytes, which are sealed, or null")


def _of_topic(schema: Schema, topic: str, *, sealed: bool) -> Iterator[Problem]:
    marked = any(field.get("pii") for record in records(schema) for field in record["fields"])
    if marked != sealed:
        said = "sealed" if sealed else "none"
        what = f"pii: {said}, but {schema.name} has {'some' if marked else 'none'}"
        yield Problem(f"topics.yaml: {topic}", what, f"write pii: {'sealed' if marked else 'none'}")

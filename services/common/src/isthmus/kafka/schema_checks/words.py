"""Every record and field says what it is."""

from __future__ import annotations

from collections.abc import Iterator

from isthmus.kafka.schema_checks.walk import records
from isthmus.kafka.schemas import Schemas
from isthmus.ops.configuration import Problem


def problems(schemas: Schemas) -> Iterator[Problem]:
    """Yield records and fields without a ``doc``."""
    for name in schemas.names:
        schema = schemas.current(name)
        for record in records(schema):
            if not record.get("doc"):
                yield Problem(f"{schema.path}: {record['name']}", "has no doc", "say what it is")
            for field in record["fields"]:
                if not field.get("doc"):
                    where = f"{schema.path}: {record['name']}.{field['name']}"
                    yield Problem(where, "has no doc", "say what it holds")

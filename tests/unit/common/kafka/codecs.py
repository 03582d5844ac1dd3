"""The project's own schemas and topics, for tests of the codec."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from typing import Any, Final

import fastavro

from isthmus.kafka import framing, schemas, topics
from isthmus.kafka.codec import Codec, Registry
from isthmus.kafka.schemas import Schemas
from isthmus.kafka.topology import Topology

FOLDER: Final = Path(__file__).parents[4] / "schemas"


@cache
def project_schemas() -> Schemas:
    return schemas.load(FOLDER)


@cache
def project_topology() -> Topology:
    return topics.load(FOLDER / "topics.yaml")


def a_codec(*, prefix: str = "", registry: Registry | None = None) -> Codec:
    return Codec(
        schemas=project_schemas(), topology=project_topology().renamed(prefix), registry=registry
    )


def raw(record: str, content: dict[str, Any]) -> bytes:
    """Write what a foreign program might: the schema's types, none of the struct's rules."""
    schema = project_schemas().current(record)
    stream = io.BytesIO()
    stream.write(framing.single_object(schema.fingerprint))
    fastavro.schemaless_writer(stream, schema.parsed, content)
    return stream.getvalue()

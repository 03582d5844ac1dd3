"""Makes the codec that a process uses, from its settings."""

from __future__ import annotations

from pathlib import Path

from isthmus.kafka import schemas
from isthmus.kafka.codec import Codec
from isthmus.kafka.topology import Topology
from isthmus.ops.kafka_settings import KafkaSettings


def codec_for(topology: Topology, *, schemas_dir: Path, kafka: KafkaSettings) -> Codec:
    """Read the schemas; without a registry, single-object encoding is written.

    :raises ConfigurationError: a schema is wrong.
    """
    known = schemas.load(schemas_dir)
    if not kafka.registry_url:
        return Codec(schemas=known, topology=topology)
    # Imported here: a third of the start of a process, for those who have a registry.
    from isthmus.kafka.registry import ConfluentRegistry  # noqa: PLC0415

    return Codec(schemas=known, topology=topology, registry=ConfluentRegistry.of(kafka))

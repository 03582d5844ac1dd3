"""Makes the codec that a process uses, from its settings."""

from __future__ import annotations

from pathlib import Path

from isthmus.kafka import schemas
from isthmus.kafka.codec import Codec
from isthmus.kafka.registry import ConfluentRegistry
from isthmus.kafka.topology import Topology
from isthmus.ops.kafka_settings import KafkaSettings


def codec_for(topology: Topology, *, schemas_dir: Path, kafka: KafkaSettings) -> Codec:
    """Read the schemas; without a registry, single-object encoding is written.

    :raises ConfigurationError: a schema is wrong.
    """
    registry = ConfluentRegistry.of(kafka) if kafka.registry_url else None
    return Codec(schemas=schemas.load(schemas_dir), topology=topology, registry=registry)

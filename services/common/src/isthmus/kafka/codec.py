"""Structs to bytes and back, for every topic; each schema is looked up and parsed once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

import msgspec

from isthmus.core.errors import Retryable
from isthmus.kafka import framing
from isthmus.kafka.avro import AvroReader, AvroWriter, Unencodable
from isthmus.kafka.framing import SchemaRef
from isthmus.kafka.physical import PhysicalTopic, physical_topics
from isthmus.kafka.schemas import Schema, Schemas
from isthmus.kafka.topology import Topology, UnknownTopic
from isthmus.kafka.undecodable import Cause, Undecodable
from isthmus.messages import RECORDS
from isthmus.ops.configuration import ConfigurationError, Problem

__all__ = ["Codec", "Registry", "RegistryUnreachable", "Undecodable", "Unencodable"]

READERS_MAX: Final = 10_000

Types = Mapping[str, type[msgspec.Struct]]


class RegistryUnreachable(Retryable):
    """The registry does not answer, or not usefully. What is known already goes on without it."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail, reason_class="registry-unreachable")


class Registry(Protocol):
    """A schema registry, as far as the codec asks it."""

    def id_of(self, *, topic: str, schema: Schema) -> int:
        """Return the id of the schema for the values of a topic; register it if need be.

        :raises RegistryUnreachable: nobody answers.
        """
        ...

    def schema(self, schema_id: int) -> Schema:
        """Return the schema of an id.

        :raises Undecodable: the registry does not know the id, or not as an Avro record.
        :raises RegistryUnreachable: nobody answers.
        """
        ...


@dataclass(frozen=True, slots=True)
class _Place:
    """A topic in Kafka, and the structs that may lie in it by the names of their records."""

    topic: str
    types: Types


class Codec:
    """Encodes and decodes the values of all topics. Safe to share between threads.

    Topics are named as in the list or as in Kafka.

    :param registry: where ids come from; without one, single-object encoding is written.
    :param types: the struct of each record, by its full name.
    :raises ConfigurationError: a topic's record has no schema or no struct.
    """

    def __init__(
        self,
        *,
        schemas: Schemas,
        topology: Topology,
        registry: Registry | None = None,
        types: Types = RECORDS,
    ) -> None:
        self._schemas = schemas
        self._registry = registry
        physical = physical_topics(topology)
        if problems := list(_unknown_records(physical, schemas=schemas, types=types)):
            raise ConfigurationError(problems)
        self._places: dict[str, _Place] = {}
        for topic in physical:
            place = _Place(topic.name, {record: types[record] for record in topic.records})
            self._places[topic.name] = self._places[topology.logical(topic.name)] = place
        for struct in types.values():
            # msgspec learns a struct at its first use, and two threads that are the first at the
            # same time end the process with a segmentation fault: so it learns it here.
            msgspec.json.Decoder(struct)
        self._readers: dict[tuple[str, SchemaRef], AvroReader] = {}
        self._writers: dict[tuple[str, type[msgspec.Struct]], AvroWriter] = {}

    def encode(self, topic: str, value: msgspec.Struct) -> bytes:
        """Return the value as it goes into the topic.

        :raises Unencodable: the struct holds what could not be read back.
        :raises TypeError: no such record belongs into the topic.
        :raises RegistryUnreachable: the id is not known yet, and the registry does not answer.
        """
        writer = self._writers.get((topic, type(value)))
        if writer is None:
            writer = self._writer(topic, type(value))
        return writer.write(value)

    def decode(self, topic: str, value: bytes | None) -> msgspec.Struct:
        """Return the record of a value.

        :raises Undecodable: it is none, and will never be one.
        :raises RegistryUnreachable: its id is not known yet, and the registry does not answer.
        """
        if value is None:
            raise Undecodable(Cause.NULL_VALUE, "the record has no value")
        reference, start = framing.unframe(value)
        reader = self._readers.get((topic, reference))
        if reader is None:
            reader = self._reader(topic, reference)
        return reader.read(value, start)

    def prepare(self, topics: Iterable[str]) -> None:
        """Make ready to write to topics, so that a refusal stops the start and not a record.

        :raises IncompatibleSchema: the registry refuses a schema.
        :raises RegistryUnreachable: it does not answer.
        """
        for topic in topics:
            for struct in self._place(topic).types.values():
                self._writer(topic, struct)

    def _place(self, topic: str) -> _Place:
        place = self._places.get(topic)
        if place is None:
            raise UnknownTopic(topic)
        return place

    def _writer(self, topic: str, struct: type[msgspec.Struct]) -> AvroWriter:
        place = self._place(topic)
        names = [name for name, known in place.types.items() if known is struct]
        if not names:
            allowed = " or ".join(place.types) or "nothing"
            raise TypeError(f"{struct.__name__} does not belong into {topic}: {allowed} does")
        schema = self._schemas.current(names[0])
        writer = AvroWriter(schema, struct=struct, prefix=self._prefix(place.topic, schema))
        self._writers[topic, struct] = writer
        return writer

    def _prefix(self, topic: str, schema: Schema) -> bytes:
        if self._registry is None:
            return framing.single_object(schema.fingerprint)
        return framing.confluent(self._registry.id_of(topic=topic, schema=schema))

    def _reader(self, topic: str, reference: SchemaRef) -> AvroReader:
        place = self._place(topic)
        written = self._written_with(reference)
        struct = place.types.get(written.name)
        if struct is None:
            what = f"is a {written.name}, which does not belong into {topic}"
            raise Undecodable(Cause.WRONG_RECORD, what, place="byte 0")
        current = self._schemas.current(written.name)
        reader = AvroReader(written=written, current=current, struct=struct)
        if len(self._readers) >= READERS_MAX:
            self._readers.clear()
        self._readers[topic, reference] = reader
        return reader

    def _written_with(self, reference: SchemaRef) -> Schema:
        if isinstance(reference, bytes):
            written = self._schemas.written_with(reference)
            what = f"no schema has the fingerprint {reference.hex()}"
        elif self._registry is not None:
            return self._registry.schema(reference)
        else:
            written = None
            what = (
                f"names schema {reference} of a registry, but ISTHMUS_KAFKA_REGISTRY_URL is empty"
            )
        if written is None:
            what += "; was it written by a newer release?"
            raise Undecodable(Cause.UNKNOWN_SCHEMA, what, place="byte 0")
        return written


def _unknown_records(
    topics: Iterable[PhysicalTopic], *, schemas: Schemas, types: Types
) -> Iterator[Problem]:
    for topic in topics:
        for record in topic.records:
            if record not in schemas.names:
                what = f"carries {record}, of which there is no schema"
                yield Problem(topic.name, what, "add it to schemas/avro, or correct topics.yaml")
            if record not in types:
                what = f"carries {record}, of which there is no struct"
                yield Problem(topic.name, what, "add it to isthmus.messages.RECORDS")

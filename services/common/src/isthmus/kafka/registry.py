"""A schema registry that speaks Confluent's API, asked once for each schema."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

import httpx2
from confluent_kafka.schema_registry import Schema as Registered
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.error import SchemaRegistryError

from isthmus.kafka.codec import RegistryUnreachable
from isthmus.kafka.schemas import Schema, parse
from isthmus.kafka.undecodable import Cause, NotRegistered, Undecodable
from isthmus.ops.configuration import ConfigurationError, Problem
from isthmus.ops.kafka_settings import KafkaSettings

COMPATIBILITY: Final = "FULL_TRANSITIVE"
NOT_FOUND: Final = 404
REFUSED: Final = frozenset({409, 422})


class IncompatibleSchema(ConfigurationError):
    """The registry refuses a schema: with it, nobody could read the topic's records any more."""


@dataclass(frozen=True, slots=True)
class ConfluentRegistry:
    """The subject of a topic is ``<topic>-value``; its compatibility is FULL_TRANSITIVE.

    A process asks a few times in its life, so no connection is kept between the questions.

    :param settings: those of Confluent's client.
    """

    settings: Mapping[str, Any] = field(repr=False)

    @classmethod
    def of(cls, kafka: KafkaSettings) -> ConfluentRegistry:
        """Return the registry of the settings; nothing is asked yet."""
        settings: dict[str, Any] = {
            "url": kafka.registry_url,
            "timeout": kafka.registry_timeout_s,
            # The loop tries again, with its own patience; here it would stand still.
            "max.retries": 0,
        }
        if kafka.registry_username is not None and kafka.registry_password is not None:
            secret = kafka.registry_password.get_secret_value()
            settings["basic.auth.user.info"] = f"{kafka.registry_username}:{secret}"
        return cls(settings)

    def id_of(self, *, topic: str, schema: Schema) -> int:
        """Return the id of the schema for the values of a topic; register it if need be.

        :raises IncompatibleSchema: the registry refuses it.
        :raises RegistryUnreachable: it does not answer.
        """
        subject = f"{topic}-value"
        registered = Registered(json.dumps(schema.definition), "AVRO")
        try:
            with closing(SchemaRegistryClient(dict(self.settings))) as client:
                _require_compatibility(client, subject)
                return client.register_schema(subject, registered)
        except SchemaRegistryError as error:
            if error.http_status_code in REFUSED:
                raise _incompatible(subject, schema, error) from error
            _unreachable(error)
        except (httpx2.TransportError, ValueError) as error:
            _unreachable(error)

    def schema(self, schema_id: int) -> Schema:
        """Return the schema of an id.

        :raises NotRegistered: the registry does not know the id.
        :raises Undecodable: it does not know it as an Avro record.
        :raises RegistryUnreachable: it does not answer.
        """
        try:
            with closing(SchemaRegistryClient(dict(self.settings))) as client:
                text = client.get_schema(schema_id).schema_str
        except SchemaRegistryError as error:
            if error.http_status_code == NOT_FOUND:
                raise NotRegistered(schema_id) from error
            _unreachable(error)
        except (httpx2.TransportError, ValueError) as error:
            _unreachable(error)
        try:
            return parse(json.loads(text or ""))
        except (ValueError, TypeError) as error:
            what = f"schema {schema_id} of the registry is no Avro record"
            raise Undecodable(Cause.UNKNOWN_SCHEMA, what, place="byte 1") from error


def _require_compatibility(client: SchemaRegistryClient, subject: str) -> None:
    try:
        if client.get_compatibility(subject) == COMPATIBILITY:
            return
    except SchemaRegistryError as error:
        if error.http_status_code != NOT_FOUND:
            raise
    client.set_compatibility(subject, COMPATIBILITY)


def _incompatible(subject: str, schema: Schema, error: SchemaRegistryError) -> IncompatibleSchema:
    return IncompatibleSchema(
        [
            Problem(
                f"schema registry, subject {subject}",
                f"refuses {schema.name}: {error.error_message}",
                "run `isthmusctl schemas check`; a published field is never changed, only added to",
            )
        ]
    )


def _unreachable(error: Exception) -> NoReturn:
    what = f"the schema registry does not help: {type(error).__name__}: {error}"
    raise RegistryUnreachable(what) from error

"""The settings that programs are made of: frozen, read once at the start, secrets masked.

A service adds its own fields to ``WorkerSettings`` and reads all of it by ``load``::

    class MapperSettings(WorkerSettings):
        service: Literal["mapper"] = "mapper"
        mapping_dir: DirectoryPath = Field(description="the folder of mapping files")

    settings = load(MapperSettings)

``python -m isthmus.ops.settings`` prints the table of variables.
"""

from __future__ import annotations

import re
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from isthmus.ops.configuration import ConfigurationError, Problem
from isthmus.ops.environment import Settings, load, table
from isthmus.ops.kafka_settings import URL_OR_NOTHING, KafkaSettings, LocalKafkaSettings
from isthmus.ops.limits import LimitSettings

__all__ = [
    "ConfigurationError",
    "KafkaSettings",
    "LimitSettings",
    "LocalKafkaSettings",
    "OpsSettings",
    "Problem",
    "SchemaSettings",
    "Settings",
    "WorkerSettings",
    "load",
]

SLOT_MAX: Final = 9999
TOPIC_LIST: Final = "topics.yaml"

ServiceName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]


class OpsSettings(Settings):
    """How a program shows itself: port, logs, traces, clock."""

    http_host: str = Field(
        default="127.0.0.1", description="the address for health and metrics (pods: 0.0.0.0)"
    )
    http_port: int = Field(
        default=8080, ge=0, le=65535, description="the port for health and metrics; 0 = a free one"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="the least level that is logged"
    )
    otlp_endpoint: str = Field(
        default="",
        pattern=URL_OR_NOTHING,
        description="the collector of traces, as http://host:4318/v1/traces; empty = off",
    )
    trace_ratio: float = Field(
        default=1.0, ge=0, le=1, description="the share of new traces that is recorded"
    )
    clock_factor: float = Field(
        default=1.0, ge=1, le=1_000_000, description="the number that divides durations; 1 = real"
    )


class SchemaSettings(Settings):
    """Where the list of topics and the Avro schemas are."""

    schemas_dir: Path = Field(
        default=None,
        validate_default=True,
        description=f"the folder schemas/ of the project, the one with {TOPIC_LIST}",
    )

    @field_validator("schemas_dir", mode="before")
    @classmethod
    def _found(cls, value: Any) -> Any:
        return find_schemas(Path(__file__)) if value is None else value

    @field_validator("schemas_dir")
    @classmethod
    def _holds_topics(cls, value: Path) -> Path:
        if not (value / TOPIC_LIST).is_file():
            raise ValueError(f"{value} holds no {TOPIC_LIST}")
        return value


class WorkerSettings(Settings):
    """What every worker needs. A service adds its own fields and narrows ``service``."""

    service: ServiceName = Field(
        description="the name of the workload: its consumer group, metrics and logs carry it"
    )
    slot: int = Field(
        default=None,
        ge=0,
        le=SLOT_MAX,
        validate_default=True,
        description="the number of this worker among its peers, from 0;"
        " a host name that ends in -<number>, as in a StatefulSet, does the same",
    )
    topic_prefix: str = Field(
        default="",
        pattern=r"^[a-zA-Z0-9._-]{0,60}$",
        description="put before every topic and group, so that copies can live in one cluster",
    )
    state_dir: Path | None = Field(
        default=None, description="the folder for tables, a cache; none = in memory"
    )
    kafka: KafkaSettings
    limits: LimitSettings
    ops: OpsSettings
    schemas: SchemaSettings

    @field_validator("slot", mode="before")
    @classmethod
    def _from_host_name(cls, value: Any) -> Any:
        return slot_of(socket.gethostname()) if value is None else value

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if problems := list(_broken_bounds(kafka=self.kafka, limits=self.limits)):
            raise ConfigurationError(problems)
        return self


def slot_of(host_name: str) -> int:
    """Return the number at the end of a host name such as ``mapper-3``.

    :raises ValueError: there is none. Two workers of one slot would fence each other for ever, so
        nothing is guessed; a container's random name must not pass for a number either.
    """
    match = re.search(r"-(\d{1,4})$", host_name.partition(".")[0])
    if match is None:
        raise ValueError(f"is not set, and the host name {host_name} does not end in -<number>")
    return int(match[1])


def find_schemas(start: Path) -> Path:
    """Return the folder ``schemas`` with the list of topics, in this folder or above.

    :raises ValueError: there is none.
    """
    for folder in start.resolve().parents:
        if (folder / "schemas" / TOPIC_LIST).is_file():
            return folder / "schemas"
    raise ValueError(f"is not set, and no folder above {start.parent} holds schemas/{TOPIC_LIST}")


def _broken_bounds(*, kafka: KafkaSettings, limits: LimitSettings) -> Iterator[Problem]:
    revoke, transaction = limits.rebalance_budget_s, kafka.transaction_timeout_s
    if revoke >= kafka.max_poll_interval_s / 2:
        yield Problem(
            "ISTHMUS_LIMIT_REBALANCE_BUDGET_S",
            f"{revoke:g} s is not below half of ISTHMUS_KAFKA_MAX_POLL_INTERVAL_S"
            f" ({kafka.max_poll_interval_s:g} s): a worker that gives up partitions could leave"
            " its group before it has committed",
            f"set it below {kafka.max_poll_interval_s / 2:g}",
        )
    if transaction <= revoke:
        yield Problem(
            "ISTHMUS_KAFKA_TRANSACTION_TIMEOUT_S",
            f"{transaction:g} s is not above ISTHMUS_LIMIT_REBALANCE_BUDGET_S ({revoke:g} s):"
            " brokers would abort what a revoke still has to commit",
            f"set it above {revoke:g}",
        )
    if limits.stall_s <= transaction + limits.restore_margin_s:
        yield Problem(
            "ISTHMUS_LIMIT_STALL_S",
            f"{limits.stall_s:g} s is not above ISTHMUS_KAFKA_TRANSACTION_TIMEOUT_S plus"
            f" ISTHMUS_LIMIT_RESTORE_MARGIN_S ({transaction:g} + {limits.restore_margin_s:g} s):"
            " a restore that waits would pass for a stall",
            f"set it above {transaction + limits.restore_margin_s:g}",
        )
    if limits.fact_bytes >= kafka.message_bytes:
        yield Problem(
            "ISTHMUS_LIMIT_FACT_BYTES",
            f"{limits.fact_bytes} is not below ISTHMUS_KAFKA_MESSAGE_BYTES"
            f" ({kafka.message_bytes}): a fact could not be written",
            f"set it below {kafka.message_bytes}",
        )


if __name__ == "__main__":
    sys.stdout.write(table(WorkerSettings))

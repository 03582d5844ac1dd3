"""The bound of every window, queue, attempt and time-out of a worker.

Durations that wait for the outside world (retry back-off, age) are divided by the clock factor
where they are used; those agreed with Kafka (revoke, drain, transaction, stall) never are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Self

from pydantic import Field, model_validator
from pydantic_settings import SettingsConfigDict

from isthmus.ops.configuration import ConfigurationError, Problem
from isthmus.ops.environment import Settings

MIB: Final = 1024 * 1024

# A bitset of so many offsets still fits the 4,096 bytes of metadata that a commit carries.
WINDOW_SPAN_MAX: Final = 20_000


class LimitSettings(Settings):
    """Bounds with defaults that suit production."""

    model_config = SettingsConfigDict(env_prefix="ISTHMUS_LIMIT_")

    window_span: int = Field(
        default=WINDOW_SPAN_MAX,
        ge=1,
        le=WINDOW_SPAN_MAX,
        description="the offsets of a partition between the first unfinished and the newest read",
    )
    window_records: int = Field(
        default=2_000, ge=1, description="the records of a partition in memory"
    )
    window_bytes: int = Field(
        default=16 * MIB, ge=1, description="the bytes of a partition's records in memory"
    )
    handler_slots: int = Field(
        default=20, ge=1, le=1000, description="the handlers that run at once"
    )
    handler_deadline_s: float = Field(
        default=60,
        gt=0,
        description="the seconds after which a handler begins no further request; when a partition"
        " is taken away it begins none from that moment on, and its answer is not heard",
    )
    in_place_attempts: int = Field(
        default=3, ge=1, description="the attempts before a record is parked"
    )
    in_place_s: float = Field(
        default=2, ge=0, description="the seconds within which attempts are made in place"
    )
    attempts: int = Field(
        default=30, ge=1, description="the attempts before a record becomes a dead letter"
    )
    retry_age_s: float = Field(
        default=86_400, gt=0, description="the age at which a parked record becomes a dead letter"
    )
    backoff_base_s: float = Field(
        default=1, gt=0, description="the longest wait after the first failure, in seconds"
    )
    backoff_cap_s: float = Field(
        default=600, gt=0, description="the longest wait after any failure, in seconds"
    )
    parked_keys: int = Field(default=10_000, ge=1, description="the parked keys of a partition")
    parked_records: int = Field(
        default=50_000, ge=1, description="the parked records of a partition"
    )
    parked_bytes: int = Field(
        default=64 * MIB, ge=1, description="the bytes of a partition's parked records"
    )
    group_age_s: float = Field(
        default=86_400,
        gt=0,
        description="the age at which a group of records that did not become whole is dead letters",
    )
    dead_letter_ratio: float = Field(
        default=0.2, gt=0, le=1, description="the share of dead letters that stops the worker"
    )
    dead_letter_sample: int = Field(
        default=200, ge=1, description="the last records of the worker that the share is taken of"
    )
    dead_letter_consecutive: int = Field(
        default=50, ge=1, description="the dead letters in a row that stop the worker"
    )
    dead_letters_known: int = Field(
        default=100_000,
        ge=1,
        description="the open dead letters that a worker knows one by one, for its metrics",
    )
    transaction_s: float = Field(
        default=0.1, gt=0, description="the seconds after which a transaction is closed"
    )
    transaction_outputs: int = Field(
        default=1000, ge=1, description="the outputs after which a transaction is closed"
    )
    rebalance_budget_s: float = Field(
        default=5,
        gt=0,
        description="the seconds that handlers get when partitions are taken away, and leaders to"
        " tell where those end that are given",
    )
    drain_s: float = Field(
        default=25, gt=0, description="the seconds from SIGTERM to the end of the process"
    )
    stall_s: float = Field(
        default=120, gt=0, description="the seconds without progress that end the process"
    )
    restore_margin_s: float = Field(
        default=15, gt=0, description="the seconds beyond a transaction time-out to wait at restore"
    )
    schema_wait_s: float = Field(
        default=30,
        ge=0,
        description="the seconds that a record waits for a schema that the registry does not know",
    )
    fact_bytes: int = Field(
        default=8 * MIB, ge=1024, description="the size of the largest fact of a source"
    )

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if problems := list(self._contradictions()):
            raise ConfigurationError(problems)
        return self

    def _contradictions(self) -> Iterator[Problem]:
        if self.handler_deadline_s >= self.stall_s:
            yield Problem(
                "ISTHMUS_LIMIT_HANDLER_DEADLINE_S",
                f"{self.handler_deadline_s:g} s is not below ISTHMUS_LIMIT_STALL_S"
                f" ({self.stall_s:g} s): a slow handler would pass for a stall",
                f"set it below {self.stall_s:g}",
            )
        if self.drain_s <= self.rebalance_budget_s:
            yield Problem(
                "ISTHMUS_LIMIT_DRAIN_S",
                f"{self.drain_s:g} s is not above ISTHMUS_LIMIT_REBALANCE_BUDGET_S"
                f" ({self.rebalance_budget_s:g} s): a stop would cut the last commit",
                f"set it above {self.rebalance_budget_s:g}",
            )
        if self.backoff_cap_s < self.backoff_base_s:
            yield Problem(
                "ISTHMUS_LIMIT_BACKOFF_CAP_S",
                f"{self.backoff_cap_s:g} s is below ISTHMUS_LIMIT_BACKOFF_BASE_S"
                f" ({self.backoff_base_s:g} s)",
                f"set it to {self.backoff_base_s:g} or more",
            )

"""The settings of netsuite-writer; ``python -m isthmus_netsuite_writer.settings`` lists them."""

from __future__ import annotations

import sys
from typing import Annotated, Literal

from pydantic import Field, StringConstraints
from pydantic_settings import SettingsConfigDict

from isthmus.netsuite.settings import NetSuiteSettings
from isthmus.ops.environment import Settings, table
from isthmus.ops.settings import WorkerSettings

CurrencyCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
InternalId = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,19}$")]


class BookingSettings(Settings):
    """What the account calls things."""

    model_config = SettingsConfigDict(env_prefix="ISTHMUS_WRITER_")

    currencies: dict[CurrencyCode, InternalId] = Field(
        min_length=1,
        description='NetSuite\'s internal ids of the currencies, as {"USD": "1", "CAD": "2"}',
    )
    clearing_account_id: InternalId | Literal[""] = Field(
        default="",
        description="the internal id of the account that cash sales are deposited to;"
        " empty = undeposited funds",
    )
    customers_remembered: int = Field(
        default=10_000, ge=1, description="the customers that are not looked up again"
    )


class WriterSettings(WorkerSettings):
    """Everything that netsuite-writer reads from its environment."""

    service: Literal["netsuite-writer"] = "netsuite-writer"
    netsuite: NetSuiteSettings
    booking: BookingSettings


if __name__ == "__main__":
    sys.stdout.write(table(WriterSettings))

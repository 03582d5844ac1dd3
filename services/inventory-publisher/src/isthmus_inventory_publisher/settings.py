"""The settings; ``python -m isthmus_inventory_publisher.settings`` lists them."""

from __future__ import annotations

import sys
from typing import Annotated, Literal

from pydantic import Field, StringConstraints
from pydantic_settings import SettingsConfigDict

from isthmus.netsuite.settings import NetSuiteSettings
from isthmus.ops.environment import Settings, table
from isthmus.ops.settings import WorkerSettings

AccountName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")]


class PollSettings(Settings):
    """How NetSuite is read."""

    model_config = SettingsConfigDict(env_prefix="ISTHMUS_POLL_")

    accounts: tuple[AccountName, ...] = Field(
        min_length=1,
        description='the seller accounts whose items are in this NetSuite, as ["acme-us"]',
    )
    interval_s: float = Field(
        default=60, gt=0, description="the seconds from one poll of an account to the next"
    )
    overlap_s: float = Field(
        default=900,
        ge=0,
        description="the seconds behind the watermark that are read again; not scaled",
    )
    seen_max: int = Field(
        default=5000, ge=0, description="the changes remembered, so as not to be told twice"
    )
    page_size: int = Field(default=1000, ge=1, le=1000, description="the rows of a page")
    pages_max: int = Field(
        default=1000, ge=1, description="the pages of a poll; the next one goes on behind them"
    )
    query_s: float = Field(
        default=120, gt=0, description="the seconds a query may take, its wait for a place included"
    )


class PublisherSettings(WorkerSettings):
    """Everything that inventory-publisher poll reads from its environment."""

    service: Literal["inventory-publisher-poll"] = "inventory-publisher-poll"
    netsuite: NetSuiteSettings
    poll: PollSettings


if __name__ == "__main__":
    sys.stdout.write(table(PublisherSettings))

"""The settings of amazon-ingest. ``python -m isthmus_amazon_ingest.settings`` prints the table."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

from pydantic import DirectoryPath, Field
from pydantic_settings import SettingsConfigDict

from isthmus.amazon.connections import AmazonSettings
from isthmus.ops.environment import Settings, table
from isthmus.ops.settings import WorkerSettings

GIB = 1024**3


class SweepSettings(Settings):
    """How orders are swept."""

    model_config = SettingsConfigDict(env_prefix="ISTHMUS_SWEEP_")

    interval_s: float = Field(
        default=180, gt=0, description="the seconds from one sweep of an account to the next"
    )
    overlap_s: float = Field(
        default=300, ge=0, description="the seconds of the last window that are read again"
    )
    lookback_s: float = Field(
        default=86_400,
        gt=0,
        description="how far back the first sweep begins, in seconds, of an account without"
        " orders_since",
    )
    page_size: int = Field(default=100, ge=1, le=100, description="the orders of a page")
    seen_max: int = Field(
        default=5000, ge=0, description="the updates remembered, so as not to be told twice"
    )


class IngestSettings(WorkerSettings):
    """Everything that amazon-ingest reads from its environment."""

    service: Literal["amazon-ingest"] = "amazon-ingest"
    accounts_path: Path = Field(description="the path of the file of accounts, in YAML")
    refused_dir: DirectoryPath = Field(
        description="the folder for answers that are too large for a dead letter"
    )
    refused_bytes: int = Field(
        default=GIB, ge=0, description="the size that the folder may grow to, in bytes"
    )
    amazon: AmazonSettings
    sweep: SweepSettings


if __name__ == "__main__":
    sys.stdout.write(table(IngestSettings))

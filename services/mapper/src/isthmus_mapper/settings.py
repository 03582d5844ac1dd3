"""The settings of mapper; ``python -m isthmus_mapper.settings`` lists them."""

from __future__ import annotations

import sys
from typing import Literal

from pydantic import DirectoryPath, Field
from pydantic_settings import SettingsConfigDict

from isthmus.ops.environment import Settings, table
from isthmus.ops.settings import WorkerSettings


class ReleaseSettings(Settings):
    """How orders that wait for items are sent back once those are there."""

    model_config = SettingsConfigDict(env_prefix="ISTHMUS_RELEASE_")

    interval_s: float = Field(
        default=15, gt=0, description="the seconds from one look at the waiting orders to the next"
    )
    letters_max: int = Field(
        default=1000, ge=1, description="the letters sent back at a time, rounded up to whole keys"
    )
    letters_per_s: float = Field(
        default=50, gt=0, description="the letters sent back in a second, at most"
    )


class MapperSettings(WorkerSettings):
    """Everything that mapper reads from its environment."""

    service: Literal["mapper"] = "mapper"
    mapping_dir: DirectoryPath = Field(
        description="the folder of mapping files, one <account>.yaml per seller account"
    )
    release: ReleaseSettings


if __name__ == "__main__":
    sys.stdout.write(table(MapperSettings))

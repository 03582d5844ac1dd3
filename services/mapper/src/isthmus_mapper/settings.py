"""The settings of mapper; ``python -m isthmus_mapper.settings`` lists them."""

from __future__ import annotations

import sys
from typing import Literal

from pydantic import DirectoryPath, Field

from isthmus.ops.environment import table
from isthmus.ops.settings import WorkerSettings


class MapperSettings(WorkerSettings):
    """Everything that mapper reads from its environment."""

    service: Literal["mapper"] = "mapper"
    mapping_dir: DirectoryPath = Field(
        description="the folder of mapping files, one <account>.yaml per seller account"
    )


if __name__ == "__main__":
    sys.stdout.write(table(MapperSettings))

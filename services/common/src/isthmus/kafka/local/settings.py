"""How the embedded Java programs are found, fetched and bounded; which Kafka: ``ops.settings``."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from isthmus.ops.environment import Settings


class EmbeddedSettings(Settings):
    """How the embedded Kafka and schema registry are found, fetched and bounded."""

    model_config = SettingsConfigDict(env_prefix="ISTHMUS_KAFKA_", populate_by_name=True)

    cache_home: Path = Field(
        default=Path("~/.cache"),
        validation_alias="XDG_CACHE_HOME",
        description="the folder of the user's caches",
    )
    java_home: Path | None = Field(
        default=None, validation_alias="JAVA_HOME", description="the folder of a Java runtime"
    )
    maven_url: str = Field(
        default="", description="a Maven repository to fetch from; empty = Maven Central"
    )
    heap_mb: int = Field(default=512, ge=256, description="the largest heap of one node, in MiB")
    start_timeout_s: float = Field(
        default=90, gt=0, description="the seconds that a start may take, downloads not counted"
    )
    stop_timeout_s: float = Field(
        default=15, gt=0, description="the seconds that an orderly stop may take, then it is killed"
    )

    @property
    def files(self) -> Path:
        """Return the folder of the fetched files."""
        return self.cache_home.expanduser() / "isthmus" / "java"

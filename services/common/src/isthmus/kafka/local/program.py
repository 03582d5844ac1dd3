"""How Kafka's Java classes are run on this machine."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from isthmus.kafka.local.java import Java

_LOG4J: Final = Path(__file__).with_name("log4j2.properties")


@dataclass(frozen=True, slots=True)
class Program:
    """A Java runtime, Kafka's jars, and what Java is told.

    :param options: for every class.
    :param broker_options: for the broker alone.
    """

    java: Java
    jars: Sequence[Path]
    heap_mb: int
    options: Sequence[str] = field(default=())
    broker_options: Sequence[str] = field(default=())

    def broker(self, folder: Path) -> list[str]:
        """Return the command of a broker, to be followed by its properties."""
        return [*self._java(folder), *self.broker_options, "kafka.Kafka"]

    def tool(self, folder: Path, arguments: Sequence[str]) -> list[str]:
        """Return the command of one of Kafka's tools."""
        return [*self._java(folder), *arguments]

    def _java(self, folder: Path) -> list[str]:
        told = {
            # Native libraries are unpacked into it, and a kill leaves them there.
            "java.io.tmpdir": folder / "tmp",
            "isthmus.log": folder / "broker.log",
            "log4j2.configurationFile": _LOG4J,
            "log4j2.shutdownHookEnabled": "false",
        }
        return [
            str(self.java.executable),
            f"-Xmx{self.heap_mb}m",
            # Serial collector and first compiler alone: a start takes half the time and memory.
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            *self.options,
            *(f"-D{name}={value}" for name, value in told.items()),
            "-cp",
            os.pathsep.join(map(str, self.jars)),
        ]

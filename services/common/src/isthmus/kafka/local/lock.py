"""Write ``jars.sha256`` anew: ``python -m isthmus.kafka.local.lock``, after a change of version."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final

import jgo

from isthmus.kafka.local.jars import (
    KAFKA_VERSION,
    LOCK,
    PARALLEL_DOWNLOADS,
    REGISTRY_VERSION,
    LockedFile,
    download,
    sha256,
)

# The `!` keeps the versions of Kafka's own dependencies: log4j's table would bring older clients.
KAFKA: Final = (
    f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}+org.apache.logging.log4j:log4j-slf4j-impl:2.25.4!"
)
REGISTRY: Final = f"io.apicurio:apicurio-registry-app:{REGISTRY_VERSION}:all:tar.gz"
HEAD: Final = """\
# The Java files of the local Kafka and of the local schema registry: bundle, sha256, coordinate.
# Written by: python -m isthmus.kafka.local.lock
"""


def main() -> None:
    """Resolve the versions, download every file, and write what it holds."""
    with (
        tempfile.TemporaryDirectory() as staging,
        ThreadPoolExecutor(PARALLEL_DOWNLOADS) as pool,
    ):
        lines = pool.map(partial(_line, Path(staging)), _coordinates())
        LOCK.write_text(HEAD + "".join(lines))


def _coordinates() -> Iterator[tuple[str, str]]:
    artifacts = jgo.resolve(KAFKA)
    yield from (("kafka", name) for name in sorted(str(_name(one)) for one in artifacts))
    yield "registry", REGISTRY


def _name(artifact: jgo.maven.Artifact) -> str:
    return f"{artifact.groupId}:{artifact.artifactId}:{artifact.version}"


def _line(staging: Path, named: tuple[str, str]) -> str:
    bundle, coordinate = named
    file = LockedFile(sha256="", coordinate=coordinate)
    return f"{bundle:8} {sha256(download(file, into=staging, maven_url=''))} {coordinate}\n"


if __name__ == "__main__":
    main()

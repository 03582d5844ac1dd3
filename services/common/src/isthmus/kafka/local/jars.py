"""The Java files of the local Kafka and registry: fetched once, checked at every start.

``jars.sha256`` is the lock: it names each file by its Maven coordinate and says what it must hold.
"""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from isthmus.kafka.local.errors import LocalKafkaUnavailable
from isthmus.kafka.local.settings import EmbeddedSettings

KAFKA_VERSION: Final = "4.3.1"
REGISTRY_VERSION: Final = "3.3.3"
LOCK: Final = Path(__file__).with_name("jars.sha256")
PARALLEL_DOWNLOADS: Final = 6

# Not structlog: unconfigured, it writes to standard output, where `isthmusctl` gives results.
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LockedFile:
    """A file of a Maven repository and the sha256 it must have.

    :param coordinate: group:artifact:version, or group:artifact:version:classifier:packaging.
    """

    sha256: str
    coordinate: str

    @property
    def name(self) -> str:
        """Return the file's name, which holds its version."""
        _, artifact, version, classifier, packaging = self.parts
        return f"{artifact}-{version}{classifier and '-' + classifier}.{packaging}"

    @property
    def parts(self) -> tuple[str, str, str, str, str]:
        """Return group, artifact, version, classifier and packaging."""
        group, artifact, version, *rest = self.coordinate.split(":")
        classifier, packaging = rest or ("", "jar")
        return group, artifact, version, classifier, packaging


def locked_files(bundle: str, *, lock: Path = LOCK) -> list[LockedFile]:
    """Return the files of a bundle, ``kafka`` or ``registry``."""
    lines = (line.split() for line in lock.read_text().splitlines() if not line.startswith("#"))
    return [LockedFile(sha256=line[1], coordinate=line[2]) for line in lines if line[0] == bundle]


def fetched(files: Sequence[LockedFile], *, settings: EmbeddedSettings) -> list[Path]:
    """Return the paths of the files in the user's cache; touch no network when all are there.

    :raises LocalKafkaUnavailable: a file cannot be fetched, or is not the one of the lock.
    """
    if absent := missing(files, settings=settings):
        _fetch(absent, settings=settings)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(partial(_from_cache, settings.files), files))


def missing(files: Sequence[LockedFile], *, settings: EmbeddedSettings) -> list[LockedFile]:
    """Return the files that are to be fetched."""
    return [file for file in files if not (settings.files / file.name).exists()]


def download(file: LockedFile, *, into: Path, maven_url: str) -> Path:
    """Download one file and return where it lies; it is not checked yet.

    :raises LocalKafkaUnavailable: the repository cannot be reached or does not have it.
    """
    # Imported here, because a start from the cache needs none of its half second.
    from jgo.constants import MAVEN_CENTRAL_URL  # noqa: PLC0415
    from jgo.maven import MavenContext  # noqa: PLC0415

    url = maven_url or MAVEN_CENTRAL_URL
    context = MavenContext(repo_cache=into, remote_repos={"chosen": url})
    group, artifact, version, classifier, packaging = file.parts
    component = context.project(group, artifact).at_version(version)
    try:
        return Path(component.artifact(classifier, packaging).resolve())
    except (OSError, RuntimeError) as error:
        raise LocalKafkaUnavailable(
            f"{file.coordinate} cannot be fetched from {url} ({type(error).__name__})",
            remedy="connect to the network once, or set ISTHMUS_KAFKA_MAVEN_URL to a mirror,"
            " or ISTHMUS_KAFKA_MODE to container or host:port",
        ) from error


def sha256(path: Path) -> str:
    """Return the sha256 of a file as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fetch(files: Sequence[LockedFile], *, settings: EmbeddedSettings) -> None:
    log.info("fetching %d files into %s", len(files), settings.files)
    settings.files.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=settings.files, prefix=".fetching-") as staging,
        ThreadPoolExecutor(PARALLEL_DOWNLOADS) as pool,
    ):
        fetch_one = partial(_fetch_one, settings=settings, staging=Path(staging))
        list(pool.map(fetch_one, files))


def _fetch_one(file: LockedFile, *, settings: EmbeddedSettings, staging: Path) -> None:
    path = download(file, into=staging, maven_url=settings.maven_url)
    if (found := sha256(path)) != file.sha256:
        raise LocalKafkaUnavailable(
            f"{file.coordinate} as fetched has sha256 {found}, {LOCK.name} says {file.sha256}",
            remedy="do not use that repository: it serves another file than the one tested here",
        )
    # Only whole and checked files ever appear in the cache, whoever else is fetching.
    path.replace(settings.files / file.name)


def _from_cache(folder: Path, file: LockedFile) -> Path:
    path = folder / file.name
    if (found := sha256(path)) != file.sha256:
        raise LocalKafkaUnavailable(
            f"{path} has sha256 {found}, {LOCK.name} says {file.sha256}",
            remedy=f"delete {path}; it is fetched again at the next start",
        )
    return path

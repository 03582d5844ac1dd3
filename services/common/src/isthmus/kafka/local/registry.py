"""A real schema registry for tests: Apicurio, which speaks the Confluent API."""

from __future__ import annotations

import http.client
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from isthmus.kafka.local.errors import LocalKafkaUnavailable
from isthmus.kafka.local.guard import Child, Guard
from isthmus.kafka.local.jars import REGISTRY_VERSION, fetched, locked_files
from isthmus.kafka.local.java import Java, find_java, java_candidates
from isthmus.kafka.local.properties import HOST, free_ports
from isthmus.kafka.local.settings import EmbeddedSettings
from isthmus.ops.environment import load

JAVA_LEAST: Final = 21
API: Final = "/apis/ccompat/v7"
_POLL_S: Final = 0.05
_CALL_S: Final = 2.0
_TAIL_LINES: Final = 20


@dataclass(frozen=True, slots=True)
class Registry:
    """A running schema registry.

    :param url: the root of its Confluent-compatible API.
    """

    url: str
    description: str


@contextmanager
def running_registry() -> Iterator[Registry]:
    """Give an empty schema registry for as long as the context lasts.

    :raises LocalKafkaUnavailable: it cannot be had here; one line says why.
    """
    settings = load(EmbeddedSettings)
    java = find_java(least=JAVA_LEAST, candidates=java_candidates(settings.java_home))
    [archive] = fetched(locked_files("registry"), settings=settings)
    with Guard(patience_s=0) as guard:
        folder = guard.temporary_folder()
        _unpack(archive, folder)
        http_port, management_port = free_ports(2)
        command = _command(java, folder, http_port=http_port, management_port=management_port)
        child = guard.start(command, folder=folder)
        _wait(child, folder=folder, port=http_port, timeout_s=settings.start_timeout_s)
        yield Registry(
            url=f"http://{HOST}:{http_port}{API}",
            description=f"Apicurio Registry {REGISTRY_VERSION}, embedded, Java {java.version}",
        )


def _unpack(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as tar:
        # Python 3.11.0 to 3.11.3 have no filters; the archive is one whose hash is known.
        tar.extraction_filter = getattr(tarfile, "data_filter", lambda member, _: member)
        tar.extractall(folder)  # noqa: S202 - see above


def _command(java: Java, folder: Path, *, http_port: int, management_port: int) -> list[str]:
    (folder / "tmp").mkdir()
    told = {
        "java.io.tmpdir": folder / "tmp",
        "quarkus.http.host": HOST,
        "quarkus.http.port": http_port,
        "quarkus.http.access-log.enabled": "false",
        "quarkus.management.host": HOST,
        "quarkus.management.port": management_port,
    }
    flags = ["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
    options = [f"-D{name}={value}" for name, value in told.items()]
    return [str(java.executable), *flags, *options, "-jar", str(folder / "quarkus-run.jar")]


def _wait(child: Child, *, folder: Path, port: int, timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    while not _answers(port):
        if child.poll() is not None:
            raise _failure("ended during its start", folder)
        if time.monotonic() > deadline:
            raise _failure(f"does not answer after {timeout_s:g} s", folder)
        time.sleep(_POLL_S)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=_CALL_S)
    try:
        connection.request("GET", f"{API}/subjects")
        with connection.getresponse() as response:
            return response.status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _failure(what: str, folder: Path) -> LocalKafkaUnavailable:
    error = LocalKafkaUnavailable(
        f"the schema registry {what}", remedy="read the end of its log, below"
    )
    for line in (folder / "console.log").read_text(errors="replace").splitlines()[-_TAIL_LINES:]:
        error.add_note(line)
    return error

"""Apache Kafka in a container: the official image, where a Docker engine answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, Final, cast

import docker  # type: ignore[import-untyped]
from docker.errors import DockerException, NotFound  # type: ignore[import-untyped]
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer

from isthmus.kafka.local.answers import wait_for_brokers
from isthmus.kafka.local.errors import LocalKafkaUnavailable
from isthmus.kafka.local.given import GivenCluster
from isthmus.kafka.local.jars import KAFKA_VERSION
from isthmus.kafka.local.properties import HOST, container_properties, environment, free_ports
from isthmus.kafka.local.storage import kafka_uuid

IMAGE: Final = f"apache/kafka:{KAFKA_VERSION}"
_START_S: Final = 90.0
_INTERNAL: Final = "localhost:19092"
_TAIL_LINES: Final = 20


@contextmanager
def container_cluster() -> Iterator[GivenCluster]:
    """Run one broker in a container for as long as the context lasts.

    :raises LocalKafkaUnavailable: no engine answers, or it cannot have the image.
    """
    container, cluster = start_container()
    try:
        yield cluster
    finally:
        container.stop()


def start_container() -> tuple[DockerContainer, GivenCluster]:
    """Start one broker in a container. Return when it answers.

    :raises LocalKafkaUnavailable: no engine answers, or it cannot have the image.
    """
    with _told_plainly(f"no container of {IMAGE}"):
        container = DockerContainer(IMAGE)
        host = container.get_docker_client().host()
    port = _publish(container, host=host)
    address = f"{_address(host)}:{port}"
    try:
        with _told_plainly(f"no container of {IMAGE}"):
            container.start()
        if not wait_for_brokers(address, nodes=[1], timeout_s=_START_S):
            raise _silent(container, address)
    except BaseException:
        container.stop()
        raise
    return container, _cluster(container, address)


def start_detached() -> tuple[str, GivenCluster]:
    """Start a container that outlives this process, and return its id.

    :raises LocalKafkaUnavailable: no engine answers, or it cannot have the image.
    """
    # The reaper removes containers when the process that asked for them is gone.
    testcontainers_config.ryuk_disabled = True
    container, cluster = start_container()
    return container.get_container_id(), cluster


def is_running(container_id: str) -> bool:
    """Tell whether a container is there and runs."""
    found = _find(container_id)
    return found is not None and found.status == "running"


def remove(container_id: str) -> None:
    """Remove a container with its data, if it is there."""
    if (found := _find(container_id)) is not None:
        found.remove(force=True, v=True)


def log_lines(container_id: str, *, follow: bool) -> Iterator[str]:
    """Yield a container's log, and what it goes on to say if it is followed."""
    if (found := _find(container_id)) is not None:
        for line in found.logs(stream=True, follow=follow):
            yield line.decode(errors="replace").rstrip()


def _publish(container: DockerContainer, *, host: str) -> int:
    [port] = free_ports(1)
    advertised = {"CLIENTS": f"{_address(host)}:{port}", "INTERNAL": _INTERNAL}
    properties = container_properties(advertised=advertised)
    container.with_envs(CLUSTER_ID=kafka_uuid(), **environment(properties))
    if _address(host) == HOST:
        # Only for this machine; the annotation of testcontainers knows no address.
        cast("dict[str, Any]", container.ports)["9092"] = (HOST, port)
    else:
        container.with_bind_ports(9092, port)
    return port


def _address(host: str) -> str:
    # By number: `localhost` may also mean ::1, where the engine need not publish.
    return HOST if host == "localhost" else host


def _cluster(container: DockerContainer, address: str) -> GivenCluster:
    return GivenCluster(
        mode="container",
        bootstrap_servers=address,
        nodes=1,
        description=f"Apache Kafka {KAFKA_VERSION}, container {IMAGE}",
        read_log=partial(_log, container),
    )


def _silent(container: DockerContainer, address: str) -> LocalKafkaUnavailable:
    error = LocalKafkaUnavailable(
        f"the Kafka in the container does not answer at {address} after {_START_S:g} s",
        remedy="read the end of its log, below",
    )
    for line in _log(container).splitlines()[-_TAIL_LINES:]:
        error.add_note(line)
    return error


def _log(container: DockerContainer) -> str:
    return "".join(part.decode(errors="replace") for part in container.get_logs())


def _find(container_id: str) -> Any:
    with _told_plainly("no look at the container"), suppress(NotFound):
        return docker.from_env().containers.get(container_id)
    return None


@contextmanager
def _told_plainly(what: str) -> Iterator[None]:
    try:
        yield
    except (DockerException, OSError) as error:
        raise LocalKafkaUnavailable(
            f"{what}: {_first_line(error)}",
            remedy="start a Docker engine that has or can pull the image,"
            " or set ISTHMUS_KAFKA_MODE=embedded",
        ) from error


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)

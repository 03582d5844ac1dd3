"""The two forms of NetSuite that the same tests are run on."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from isthmus.ops.clock import SystemClock
from isthmus_sandbox.netsuite.auth.credentials import Algorithm, make_credentials
from tests.contract.netsuite_client.subjects import (
    FACTOR,
    Memory,
    Simulated,
    Subject,
    simulated,
)
from tests.contract.sandbox_netsuite.conftest import written_port
from tests.contract.sandbox_netsuite.world import Client


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory) -> Client:
    """Give the credentials of an integration."""
    return made_client(tmp_path_factory.mktemp("credentials"), "ES256")


def made_client(folder: Path, algorithm: Algorithm) -> Client:
    return Client.of(make_credentials(folder, algorithm=algorithm, now=SystemClock().now()))


@pytest.fixture(scope="session")
def port(client: Client, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Give the port of a simulated NetSuite that all these tests share."""
    with served(client, tmp_path_factory.mktemp("netsuite")) as port:
        yield port


@contextmanager
def served(client: Client, folder: Path) -> Iterator[int]:
    """Serve a simulated NetSuite and give its port."""
    command = [sys.executable, "-m", "isthmus_sandbox", "netsuite", "--concurrency", "20"]
    options = ["--integration", str(client.integration), "--clock-factor", str(FACTOR)]
    process = subprocess.Popen([*command, *options, "--port-file", str(folder / "port")])
    try:
        yield written_port(folder / "port")
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture
def sandbox(port: int, client: Client) -> Iterator[Simulated]:
    """Give the simulated NetSuite with the real client before it."""
    with simulated(port, client) as subject:
        try:
            yield subject
        finally:
            subject.behind.http.delete("/_control/faults")


@pytest.fixture(params=["memory", "sandbox"])
def subject(request: pytest.FixtureRequest) -> Subject:
    """Give the one and the other."""
    if request.param == "memory":
        return Memory()
    found: Subject = request.getfixturevalue("sandbox")
    return found


@pytest.fixture
def free_port() -> int:
    """Give a port where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])

from __future__ import annotations

import gc
import hashlib
import os
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from isthmus.kafka.local import LocalKafkaUnavailable
from isthmus.kafka.local.jars import LockedFile, fetched
from isthmus.kafka.local.settings import EmbeddedSettings

JAR = b"a jar"
FILE = LockedFile(sha256=hashlib.sha256(JAR).hexdigest(), coordinate="org.example:thing:1.0")
# Refuses every connection of this process but to itself, and every look-up of a name.
WARM_START = """
import sys
from isthmus.kafka.local import running_kafka, running_registry

def refuse_network(event, arguments):
    if event == "socket.getaddrinfo" and arguments[0] != "127.0.0.1":
        raise SystemExit(f"looked up {arguments[0]}")
    if event == "socket.connect" and arguments[1][0] != "127.0.0.1":
        raise SystemExit(f"connected to {arguments[1]}")

sys.addaudithook(refuse_network)
with running_kafka(mode="embedded"), running_registry():
    assert "jgo" not in sys.modules, "asked the resolver"
"""


class Repository(BaseHTTPRequestHandler):
    """A Maven repository with one file."""

    def do_GET(self) -> None:
        if self.path != "/org/example/thing/1.0/thing-1.0.jar":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(JAR)))
        self.end_headers()
        self.wfile.write(JAR)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def maven_url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Repository) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def nothing_left_open() -> Iterator[None]:
    """Collect, inside the test that made them, the answers that jgo leaves open when it fails."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


class TestFetching:
    def test_puts_a_file_into_the_cache_once(self, tmp_path: Path, maven_url: str) -> None:
        there = EmbeddedSettings(cache_home=tmp_path, maven_url=maven_url)
        gone = EmbeddedSettings(cache_home=tmp_path, maven_url="http://127.0.0.1:9")

        [path] = fetched([FILE], settings=there)
        again = fetched([FILE], settings=gone)

        assert path.read_bytes() == JAR
        assert again == [path]
        assert list(there.files.iterdir()) == [path]

    def test_refuses_what_differs_from_the_lock_and_keeps_none_of_it(
        self, tmp_path: Path, maven_url: str
    ) -> None:
        settings = EmbeddedSettings(cache_home=tmp_path, maven_url=maven_url)
        other = LockedFile(sha256="0" * 64, coordinate=FILE.coordinate)

        with pytest.raises(LocalKafkaUnavailable, match=f"{FILE.sha256}, jars.sha256 says 0000"):
            fetched([other], settings=settings)

        assert list(settings.files.iterdir()) == []

    @pytest.mark.parametrize(
        ("artifact", "port"), [("thing", 9), ("missing", None)], ids=["no network", "no such file"]
    )
    def test_says_in_one_line_what_cannot_be_fetched(
        self, tmp_path: Path, maven_url: str, artifact: str, port: int | None
    ) -> None:
        url = f"http://127.0.0.1:{port}" if port else maven_url
        settings = EmbeddedSettings(cache_home=tmp_path, maven_url=url)
        file = LockedFile(sha256=FILE.sha256, coordinate=f"org.example:{artifact}:1.0")

        with pytest.raises(LocalKafkaUnavailable) as refusal:
            fetched([file], settings=settings)

        assert str(refusal.value).startswith(f"{file.coordinate} cannot be fetched from {url}")
        assert "Remedy: connect to the network once" in str(refusal.value)
        assert "\n" not in str(refusal.value)

    @pytest.mark.kafka
    @pytest.mark.registry
    def test_is_not_done_at_a_warm_start(self) -> None:
        nowhere = {**os.environ, "ISTHMUS_KAFKA_MAVEN_URL": "http://127.0.0.1:9"}  # noqa: TID251

        done = subprocess.run(
            [sys.executable, "-c", WARM_START],
            env=nowhere,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )

        assert (done.returncode, done.stderr) == (0, "")

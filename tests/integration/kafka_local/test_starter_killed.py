from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

pytestmark = [pytest.mark.kafka, pytest.mark.crash]

GONE_S = 5.0
ALONE = "other = 0"
WITH_A_FORK = "other = os.fork() or time.sleep(120)"
STARTER = """
import os, time
from isthmus.kafka.local import running_kafka, running_registry

with {context} as running:
    {fork}
    print(other, flush=True)
    time.sleep(120)
"""


class TestStarterKilled:
    @pytest.mark.parametrize("fork", [ALONE, WITH_A_FORK], ids=["alone", "with a fork that lives"])
    def test_takes_broker_and_data_with_it(self, tmp_path: Path, fork: str) -> None:
        with _starter("running_kafka(mode='embedded')", tmp_path, fork=fork) as (starter, javas):
            folders = list(tmp_path.iterdir())

            starter.kill()
            _, alive = psutil.wait_procs(javas, timeout=GONE_S)

            assert len(folders) == 1
            assert len(javas) == 2  # the controller and a broker
            assert alive == []
            assert _is_empty_soon(tmp_path)

    def test_takes_the_registry_with_it(self, tmp_path: Path) -> None:
        with _starter("running_registry()", tmp_path, fork=ALONE) as (starter, javas):
            starter.kill()
            _, alive = psutil.wait_procs(javas, timeout=GONE_S)

            assert alive == []
            assert _is_empty_soon(tmp_path)


@contextmanager
def _starter(
    context: str, tmp: Path, *, fork: str
) -> Iterator[tuple[subprocess.Popen[bytes], list[psutil.Process]]]:
    """Give a process that runs something in a temporary folder, and the Java it has started."""
    with subprocess.Popen(
        [sys.executable, "-c", STARTER.format(context=context, fork=fork)],
        stdout=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(tmp)},  # noqa: TID251 - passed on, not read
    ) as starter:
        assert starter.stdout is not None
        forked = int(starter.stdout.readline())
        try:
            children = psutil.Process(starter.pid).children()
            yield starter, [child for child in children if child.name() == "java"]
        finally:
            starter.kill()
            if forked:
                os.kill(forked, signal.SIGKILL)


def _is_empty_soon(folder: Path) -> bool:
    deadline = time.monotonic() + GONE_S
    while any(folder.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not any(folder.iterdir())

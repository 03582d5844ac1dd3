"""Java's archive of loaded classes: it halves the time and the work of each start of a broker.

It is made once per machine and Java, by a broker that runs for nobody and ends in good order.
"""

from __future__ import annotations

import hashlib
import logging
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from isthmus.kafka.local.java import Java

# From here on Java finds the archive below by itself, also where a runtime came without one.
_BASE_LEAST: Final = 19
_DUMP_S: Final = 60.0

log = logging.getLogger(__name__)


def archive_flags(
    java: Java, jars: Sequence[Path], *, folder: Path, train: Callable[[Sequence[str]], None]
) -> list[str]:
    """Return the options that make Java use the archive; make it first if there is none.

    :param train: runs a broker with the given options, to its orderly end.
    """
    key = _key(java, jars)
    archive = folder / f"kafka-{key}.jsa"
    if not archive.exists():
        log.info("training %s", archive)
        below = _below(java, folder / f"java-{key}.jsa")
        with tempfile.TemporaryDirectory(dir=folder, prefix=".training-") as staging:
            draft = Path(staging) / archive.name
            train([*below, f"-XX:ArchiveClassesAtExit={draft}"])
            # Left empty if this Java makes none, so that it is not asked again at each start.
            draft.touch()
            draft.replace(archive)
    return [f"-XX:SharedArchiveFile={archive}"] if archive.stat().st_size else []


def _key(java: Java, jars: Sequence[Path]) -> str:
    files = [java.executable.resolve(), *jars]
    facts = [f"{path} {path.stat().st_mtime_ns}" for path in files]
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:12]


def _below(java: Java, path: Path) -> list[str]:
    """Return the options for a runtime that came without the archive of Java's own classes."""
    runtime = java.executable.resolve().parents[1]
    if java.version < _BASE_LEAST or (runtime / "lib" / "server" / "classes.jsa").exists():
        return []
    flags = ["-Xshare:dump", "-XX:+UseSerialGC", f"-XX:SharedArchiveFile={path}"]
    subprocess.run(  # noqa: S603 - Java, with arguments of our own
        [str(java.executable), *flags], capture_output=True, timeout=_DUMP_S, check=False
    )
    return [f"-XX:SharedArchiveFile={path}"] if path.exists() else []

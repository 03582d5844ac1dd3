"""The folder of a run: one demo at a time, and what the last one left is cleared first."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Final

import msgspec
import psutil

from isthmus.kafka.local.watcher import Started, end, is_running, started

CLAIM: Final = "demo.json"


class NotOurs(Exception):
    """The folder cannot be used: one line says why, and the remedy."""


@contextmanager
def claimed(folder: Path) -> Iterator[Path]:
    """Give the folder, empty, for the time of the block.

    :raises NotOurs: another demo runs there, or it holds what no demo left.
    """
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    claim = folder / CLAIM
    if not claim.exists() and any(folder.iterdir()):
        raise NotOurs(f"{folder} is not empty. Remedy: name another folder by --run-dir")
    with claim.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise NotOurs(f"a demo runs in {folder}. Remedy: make down") from None
        _clear(folder)
        me = started(os.getpid(), marker=psutil.Process().cmdline()[-1])
        claim.write_bytes(msgspec.json.encode(asdict(me)))
        yield folder


def end_kept(folder: Path, *, patience_s: float) -> bool:
    """End the demo that runs in a folder; tell whether there was one."""
    try:
        kept = msgspec.json.decode((folder / CLAIM).read_bytes(), type=Started)
    except (OSError, msgspec.DecodeError):
        return False
    if not is_running(kept):
        return False
    end([kept], patience_s=patience_s)
    return True


def _clear(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name != CLAIM:
            path.unlink()

"""What every thread is doing now, for the log. Whether that is a stall, others decide."""

from __future__ import annotations

import faulthandler
import re
import sys
import tempfile
import threading
from typing import Final

from isthmus.ops.logs import logger

_THREAD: Final = re.compile(r"^(?:Current thread|Thread) 0x0*([0-9a-f]+)")

log = logger("ops.watchdog")


def dump_stacks(reason: str) -> None:
    """Log the stack of each thread: file, line and function, no values."""
    try:
        stacks = read_stacks()
    except OSError:
        # A full or read-only disk must not hide where the process hangs.
        faulthandler.dump_traceback(file=sys.__stderr__ or 2, all_threads=True)
        return
    for thread, stack in stacks:
        log.critical("stack.dumped", reason=reason, thread=thread, stack=stack)


def read_stacks() -> list[tuple[str, str]]:
    """Return name and stack of each thread, innermost call first.

    :raises OSError: there is no room for a temporary file.
    """
    with tempfile.TemporaryFile() as file:
        faulthandler.dump_traceback(file=file, all_threads=True)
        file.seek(0)
        text = file.read().decode(errors="replace")
    names = {f"{thread.ident:x}": thread.name for thread in threading.enumerate()}
    return [_named(part.strip(), names) for part in text.split("\n\n") if part.strip()]


def _named(stack: str, names: dict[str, str]) -> tuple[str, str]:
    match = _THREAD.match(stack)
    return names.get(match[1] if match else "", "unknown"), stack

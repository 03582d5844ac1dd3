"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
from pathlib import Path


def machine() -> str:
    """Describe this machine and what else it is doing: a figure is worth nothing without it."""
    load, _, _ = os.getloadavg()
    return (
        f"{os.cpu_count()} cores, {_processor()}, {platform.system()} {platform.machine()},"
        f" Python {platform.python_version()}, load at the start {load:.1f}"
    )


def _processor() -> str:
    cpus = Path("/proc/cpuinfo")
    lines = cpus.read_text().splitlines() if cpus.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or "unknown processor")

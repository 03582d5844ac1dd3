"""What the workers say of themselves over HTTP, when all has come to rest."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import httpx
from prometheus_client.parser import text_string_to_metric_families

NAMES: Final = ("lag_records", "parked_records", "held_keys", "dead_letter_depth")
PREFIX: Final = "isthmus_kafka_"

Gauges = Counter[tuple[str, str]]


def scrape(folder: Path, workers: Iterable[str]) -> Gauges:
    """Add up the gauges of all workers, by (group, name)."""
    found: Gauges = Counter()
    for worker in workers:
        for family in text_string_to_metric_families(_metrics(folder / f"{worker}.log")):
            name = family.name.removeprefix(PREFIX)
            for sample in family.samples if name in NAMES else ():
                found[sample.labels["group"], name] += int(sample.value)
    return found


def _metrics(log: Path) -> str:
    """Ask a worker; one that is dead at this moment says nothing."""
    try:
        return httpx.get(f"http://127.0.0.1:{_port(log)}/metrics").text
    except httpx.TransportError:
        return ""


def _port(log: Path) -> int:
    """Read the port of the last life of a worker in its log."""
    lines = [line for line in log.read_text().splitlines() if '"process.started"' in line]
    return int(json.loads(lines[-1])["http_port"])

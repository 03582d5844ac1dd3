"""``make crash``: strike until an invariant breaks; exit 1 names it."""

from __future__ import annotations

import argparse
import sys
from typing import cast

from isthmus.ops.settings import LocalKafkaSettings, load
from tests.crash import conductor, grid
from tests.crash.plants import PLANTS


def main() -> int:
    """Run, print the grid and the verdict."""
    parser = argparse.ArgumentParser(prog="make crash")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", type=int, default=60)
    parser.add_argument("--nodes", type=int, choices=(1, 3), default=1)
    parser.add_argument("--plant", choices=sorted(PLANTS), default="")
    options = parser.parse_args()
    verdict = conductor.run(
        seed=options.seed,
        faults=options.faults,
        nodes=options.nodes,
        plant=cast("str", options.plant),
        mode=load(LocalKafkaSettings).mode,
    )
    requests, repeated = verdict.requests
    write = sys.stdout.write
    write(f"\n{grid.table(verdict.hits)}\n\n")
    write(
        f"{verdict.hits.total()} hits, {len(verdict.missed)} not reached,"
        f" {verdict.restarts} restarts, {len(verdict.evidence.sent)} sent,"
        f" {len(verdict.evidence.effects)} effects, {requests} requests of which {repeated} found"
        f" their effect there, {verdict.seconds:.0f} s\n"
    )
    for name, found in verdict.broken.items():
        for line in found:
            write(f"BROKEN {name}: {line}\n")
    write("no invariant is broken\n" if not verdict.broken else "")
    return 1 if verdict.broken else 0


if __name__ == "__main__":
    sys.exit(main())

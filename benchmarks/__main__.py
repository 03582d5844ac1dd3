"""``python -m benchmarks``: measure, print a table, write the same as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import Annotated, Final

import typer
from rich.console import Console

from benchmarks import codec, latency, others, parked, recovery, rss, sink, stage
from benchmarks.bench import HERE, Bench
from benchmarks.figures import Figure, as_json
from benchmarks.machine import machine
from benchmarks.table import table

WIDTH: Final = 150
RESULTS: Final = HERE / "results.json"

BENCHMARKS: Final[Mapping[str, Callable[[Bench], Iterator[Figure]]]] = {
    "codec": codec.measure,
    "stage": stage.measure,
    "sink": sink.measure,
    "parked": parked.measure,
    "others": others.measure,
    "latency": latency.measure,
    "recovery": recovery.measure,
    "rss": rss.measure,
}


def main(
    runs: Annotated[int, typer.Option(min=1, help="How often each contestant runs.")] = 5,
    only: Annotated[str, typer.Option(help=f"Any of: {', '.join(BENCHMARKS)}.")] = "",
) -> None:
    """Measure everything, or what is named; a missed aim is shown, and is no error."""
    names = only.replace(",", " ").split() or list(BENCHMARKS)
    if unknown := [name for name in names if name not in BENCHMARKS]:
        raise typer.BadParameter(f"{', '.join(unknown)}: choose from {', '.join(BENCHMARKS)}")
    here = machine()
    console = Console()
    console.width = max(console.width, WIDTH)
    progress = Console(stderr=True, highlight=False)
    figures: list[Figure] = []
    with ExitStack() as stack:
        bench = Bench(runs=runs, stack=stack, tell=progress.print)
        for name in names:
            figures += BENCHMARKS[name](bench)
            # At once: one that fails must not take along what was measured before it.
            rows = [as_json(figure, machine=here) for figure in figures]
            RESULTS.write_text(json.dumps(rows, indent=2) + "\n")
    console.print(table(figures, runs=runs, machine=here))
    console.print(f"written to {RESULTS.relative_to(HERE.parent)}")


if __name__ == "__main__":
    app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
    app.command()(main)
    app()

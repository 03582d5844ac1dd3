"""``isthmusctl kafka``: a local Kafka for tests and the demo."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from isthmus.ops.settings import LocalKafkaSettings, load

if TYPE_CHECKING:
    from isthmus.kafka.local.detached import DetachedKafka
    from isthmus.kafka.local.run import Run

RUN_DIR: Final = Path(".run")
STARTING: Final = "starting Kafka (the first start on a machine fetches 44 MB)"
UNAVAILABLE: Final = os.EX_UNAVAILABLE
RunDir = Annotated[
    Path, typer.Option("--run-dir", help="The folder that remembers what was started.")
]

app = typer.Typer(help="Run a local Kafka for tests and the demo.", no_args_is_help=True)
results = Console(soft_wrap=True, highlight=False)
remarks = Console(soft_wrap=True, highlight=False, markup=False, stderr=True)


@app.command()
def up(
    nodes: Annotated[int, typer.Option(help="1 or 3.")] = 1,
    data: Annotated[
        Path | None, typer.Option(help="Keep the data here; they go with it otherwise.")
    ] = None,
    run_dir: RunDir = RUN_DIR,
) -> None:
    """Start Kafka, unless it is up, and print its address. ISTHMUS_KAFKA_MODE says which."""
    started = time.monotonic()
    with _detached(run_dir) as kafka, remarks.status(STARTING):
        run = kafka.up(mode=load(LocalKafkaSettings).mode, nodes=nodes, data=data)
    seconds = time.monotonic() - started
    remarks.print(f"{run.description}: up after {seconds:.1f} s, nodes: {run.nodes}")
    results.print(run.bootstrap_servers)


@app.command()
def down(run_dir: RunDir = RUN_DIR) -> None:
    """Stop the Kafka that `up` started; nothing else is ever stopped."""
    with _detached(run_dir) as kafka:
        run = kafka.down()
    remarks.print("no Kafka was up" if run is None else f"{run.description}: down")


@app.command()
def status(run_dir: RunDir = RUN_DIR) -> None:
    """Show what is up. Exit code: 0 up, 1 it is up but does not answer, 3 nothing is up."""
    with _detached(run_dir) as kafka:
        # Imported with the rest of the local Kafka, which only these commands need.
        from isthmus.kafka.local.run import State, state  # noqa: PLC0415

        run = kafka.read()
        found = State.DOWN if run is None else state(run)
    if run is not None:
        results.print(_table(run, found.name.lower()))
    if found is not State.UP:
        remarks.print("Remedy: isthmusctl kafka down, then isthmusctl kafka up")
    raise typer.Exit(found)


@app.command()
def logs(
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C, or until it is down.")
    ] = False,
    run_dir: RunDir = RUN_DIR,
) -> None:
    """Print the brokers' logs."""
    with _detached(run_dir) as kafka:
        from isthmus.kafka.local.run import State, log_lines  # noqa: PLC0415 - as above

        run = kafka.read()
        if run is None:
            remarks.print("no Kafka is up. Remedy: isthmusctl kafka up")
            raise typer.Exit(State.DOWN)
        for line in log_lines(run, follow=follow):
            typer.echo(line)


@contextmanager
def _detached(run_dir: Path) -> Iterator[DetachedKafka]:
    """Give the Kafka that a folder remembers; tell in one line what cannot be had."""
    try:
        # Imported here: production has none of this, and the other commands need not wait for it.
        from isthmus.kafka.local.detached import DetachedKafka  # noqa: PLC0415
        from isthmus.kafka.local.errors import LocalKafkaUnavailable  # noqa: PLC0415
        from isthmus.kafka.local.settings import EmbeddedSettings  # noqa: PLC0415
    except ModuleNotFoundError as error:
        _give_up(f"{error.name} is not installed. Remedy: pip install 'isthmus[local]'")
    try:
        yield DetachedKafka(run_dir, settings=load(EmbeddedSettings))
    except LocalKafkaUnavailable as error:
        _give_up("\n".join([str(error), *getattr(error, "__notes__", [])]))


def _give_up(why: str) -> NoReturn:
    remarks.print(why)
    raise typer.Exit(UNAVAILABLE) from None


def _table(run: Run, found: str) -> Table:
    table = Table("state", "address", "nodes", "what", "data")
    data = f"{run.folder} ({'kept' if run.kept else 'temporary'})" if run.folder else ""
    table.add_row(found, run.bootstrap_servers, str(run.nodes), run.description, data)
    return table

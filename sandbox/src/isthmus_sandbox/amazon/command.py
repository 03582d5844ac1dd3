"""The command line of the simulated Amazon."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from isthmus_sandbox.amazon.app import amazon_app
from isthmus_sandbox.clock import Clock
from isthmus_sandbox.faults import Faults
from isthmus_sandbox.journal import Journal
from isthmus_sandbox.server import serve


def amazon(
    *,
    host: str = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0: a free one.")] = 0,
    port_file: Annotated[Path | None, typer.Option(help="Holds the port once it listens.")] = None,
    state: Annotated[Path | None, typer.Option(help="Folder kept; none: in memory.")] = None,
    seed: Annotated[int, typer.Option(help="Of faults and orders.")] = 1,
    clock_factor: Annotated[float, typer.Option(min=1, envvar="ISTHMUS_CLOCK_FACTOR")] = 1.0,
) -> None:
    """Serve the simulated Amazon."""
    if state is not None:
        state.mkdir(parents=True, exist_ok=True)
    journal = Journal(None if state is None else state / "journal.sqlite")
    app = amazon_app(clock=Clock(clock_factor), faults=Faults(seed=seed), journal=journal)
    serve(app, host=host, port=port, port_file=port_file)

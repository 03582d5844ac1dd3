"""The command line of the simulated Amazon."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from isthmus_sandbox.amazon.app import amazon_app
from isthmus_sandbox.amazon.examples import ModelsUnusable
from isthmus_sandbox.amazon.scenario import ScenarioRefused, plain_scenario, read_scenario
from isthmus_sandbox.clock import Clock
from isthmus_sandbox.server import serve


def amazon(
    *,
    host: str = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0: a free one.")] = 0,
    port_file: Annotated[Path | None, typer.Option(help="Holds the port once it listens.")] = None,
    state: Annotated[Path | None, typer.Option(help="Folder kept; none: in memory.")] = None,
    seed: Annotated[int, typer.Option(help="Of faults, orders and credentials.")] = 1,
    clock_factor: Annotated[
        float,
        typer.Option(min=1, envvar="ISTHMUS_CLOCK_FACTOR", help="Divides quotas, lives, delays."),
    ] = 1.0,
    accounts: Annotated[int, typer.Option(min=1, max=1000, help="Without a scenario.")] = 1,
    scenario: Annotated[Path | None, typer.Option(help="YAML: sellers and first orders.")] = None,
    models: Annotated[
        Path | None,
        typer.Option(envvar="ISTHMUS_AMAZON_MODELS", help="Folder of Amazon's own API models."),
    ] = None,
) -> None:
    """Serve the simulated Amazon."""
    if state is not None:
        state.mkdir(parents=True, exist_ok=True)
    try:
        app = amazon_app(
            clock=Clock(clock_factor),
            seed=seed,
            scenario=read_scenario(scenario) if scenario else plain_scenario(accounts),
            state=state,
            models=models,
        )
    except (ScenarioRefused, ModelsUnusable) as error:
        raise typer.BadParameter(str(error)) from error
    serve(app, host=host, port=port, port_file=port_file)

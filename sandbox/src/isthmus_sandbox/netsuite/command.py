"""The command line of the simulated NetSuite."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from isthmus_sandbox.clock import Clock
from isthmus_sandbox.netsuite.account import CUSTOM_FIELDS, Account, custom_field
from isthmus_sandbox.netsuite.app import Setup, netsuite_app
from isthmus_sandbox.netsuite.auth.credentials import (
    Algorithm,
    BadIntegration,
    load_integration,
    make_credentials,
)
from isthmus_sandbox.netsuite.traffic.latency import LatencyModel
from isthmus_sandbox.netsuite.traffic.slots import Limit
from isthmus_sandbox.server import serve


def netsuite(
    *,
    integration: Annotated[
        Path, typer.Option(help="Made by `isthmus-sandbox credentials FOLDER`.")
    ],
    host: str = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0: a free one.")] = 0,
    port_file: Annotated[Path | None, typer.Option(help="Holds the port once it listens.")] = None,
    state: Annotated[Path | None, typer.Option(help="Folder kept; none: in memory.")] = None,
    seed: Annotated[int, typer.Option(help="Of faults and latencies.")] = 1,
    clock_factor: Annotated[float, typer.Option(min=1, envvar="ISTHMUS_CLOCK_FACTOR")] = 1.0,
    account_id: str = "1234567",
    time_zone: Annotated[str, typer.Option(help="Of SuiteQL.")] = "America/Los_Angeles",
    duplicate_code: Annotated[
        str, typer.Option(help="Error code of an external id in use.")
    ] = "DUP_RCRD",
    field: Annotated[
        list[str] | None, typer.Option(help="Further custom field, custbody_x or custbody_x:kind.")
    ] = None,
    concurrency: Annotated[int, typer.Option(min=1, help="Requests at once.")] = 5,
    blocked_as_400: Annotated[
        float, typer.Option(min=0, max=1, help="Share of blocked requests told 400, not 429.")
    ] = 0.0,
    latency_median: Annotated[
        float, typer.Option(min=0, help="Seconds to write a record of few lines.")
    ] = 5.2,
    read_median: Annotated[float, typer.Option(min=0, help="Seconds to read a record.")] = 0.8,
    query_median: Annotated[float, typer.Option(min=0, help="Seconds of a SuiteQL query.")] = 0.5,
    tail_share: Annotated[
        float, typer.Option(min=0, max=1, help="Share of requests that take many times as long.")
    ] = 0.01,
) -> None:
    """Serve the simulated NetSuite."""
    if state is not None:
        state.mkdir(parents=True, exist_ok=True)
    try:
        custom_fields = {**CUSTOM_FIELDS, **dict(custom_field(text) for text in field or [])}
        client = load_integration(integration)
    except (BadIntegration, ValueError) as error:
        raise typer.BadParameter(str(error)) from error
    setup = Setup(
        integration=client,
        clock=Clock(clock_factor),
        account=Account(
            account_id=account_id,
            time_zone=time_zone,
            duplicate_code=duplicate_code,
            custom_fields=custom_fields,
        ),
        limit=Limit(concurrency=concurrency, share_as_400=blocked_as_400),
        latency=LatencyModel(
            write_median_s=latency_median,
            read_median_s=read_median,
            query_median_s=query_median,
            tail_share=tail_share,
        ),
        state=state,
        seed=seed,
    )
    serve(netsuite_app(setup), host=host, port=port, port_file=port_file)


def credentials(
    folder: Annotated[Path, typer.Argument(help="Gets the key, the certificate and the file.")],
    *,
    algorithm: Annotated[Algorithm, typer.Option(help="ES256 or PS256.")] = "ES256",
) -> None:
    """Make a key and a certificate for a client of the simulated NetSuite."""
    try:
        written = make_credentials(folder, algorithm=algorithm, now=Clock().now())
    except FileExistsError as error:
        text = f"{error.filename} is there; a key is never overwritten. Take another folder."
        raise typer.BadParameter(text) from error
    typer.echo(f"{written}: give it to `isthmus-sandbox netsuite --integration`")

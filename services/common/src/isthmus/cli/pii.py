"""``isthmusctl pii``: delete the key of an order's personal data, and with it all copies."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from isthmus.cli.connection import Connection, user
from isthmus.core.identifiers import record_key
from isthmus.kafka import purge as purges

app = typer.Typer(no_args_is_help=True, help="Personal data of buyers.")


@app.callback()
def pii() -> None:
    """Keep ``purge`` a word of its own beside the one command that there is."""


@app.command()
def purge(
    *,
    account: Annotated[str, typer.Option(help="The seller account, such as acme-us.")],
    order: Annotated[str, typer.Option(help="The order id, such as 111-1234567-1234567.")],
    why: Annotated[str, typer.Option(help="The reason, for the audit.")],
    execute: Annotated[
        bool, typer.Option("--execute", help="Do it. Without: only say what would be done.")
    ] = False,
    by: Annotated[str, typer.Option(help="Who does it, for the audit; default: you.")] = "",
) -> None:
    """Make an order's personal data unreadable, for good. There is no way back."""
    console = Console()
    try:
        key = record_key(account, order)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    if not execute:
        console.print(f"{key}: its personal data would be gone for good")
        console.print("dry run: add --execute to do it")
        return
    connection = Connection.open()
    writes = purges.writes_of(
        key,
        topology=connection.topology,
        codec=connection.codec,
        at=connection.clock.now(),
        by=by or user(),
        why=why,
    )
    connection.transactions(f"isthmusctl-pii-{connection.topology.order_keys}-{key}").commit(
        writes,
        offsets=None,
        was_committed=lambda: False,  # said twice it means the same
    )
    console.print(f"{key}: purged; restart amazon-ingest if it ran: it may hold the key in memory")

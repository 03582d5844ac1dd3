"""isthmusctl: the command line of the operator."""

from __future__ import annotations

import os
import sys
from importlib.metadata import entry_points

import typer

from isthmus.cli import control, dlq, kafka, pii, schemas, topics
from isthmus.cli.demo import command as demo_command
from isthmus.ops.configuration import ConfigurationError
from isthmus.ops.leaving import leave

app = typer.Typer(
    name="isthmusctl",
    help="Isthmus: Amazon Seller Central and NetSuite, joined by Kafka.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(kafka.app, name="kafka")
app.add_typer(topics.app, name="topics")
app.add_typer(schemas.app, name="schemas")
app.add_typer(dlq.app, name="dlq")
app.add_typer(pii.app, name="pii")
app.command("pause")(control.pause)
app.command("resume")(control.resume)
app.command("demo")(demo_command.demo)
app.command("demo-down")(demo_command.demo_down)


def main() -> None:
    """Run a command; an expected error is one clear line, not a traceback."""
    for command in entry_points(group="isthmus.commands"):
        app.command(command.name)(command.load())
    try:
        app()
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        leave(os.EX_CONFIG)
    except SystemExit as end:
        leave(end.code if isinstance(end.code, int) else int(end.code is not None))

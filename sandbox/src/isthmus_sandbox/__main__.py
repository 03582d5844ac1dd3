"""The command line `isthmus-sandbox`: one subcommand per end."""

from __future__ import annotations

import typer

from isthmus_sandbox.amazon.command import amazon
from isthmus_sandbox.netsuite.command import credentials, netsuite

app = typer.Typer(help="Stand-ins for Amazon and NetSuite.", no_args_is_help=True)

app.command()(amazon)
app.command()(netsuite)
app.command()(credentials)


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()

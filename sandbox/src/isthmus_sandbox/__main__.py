"""The command line `isthmus-sandbox`: one subcommand per end."""

from __future__ import annotations

import typer

from isthmus_sandbox.amazon.command import amazon

app = typer.Typer(help="Stand-ins for Amazon and NetSuite.", no_args_is_help=True)


@app.callback()
def sandbox() -> None:
    """Keep the ends as subcommands, also while there is but one."""


app.command()(amazon)


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()

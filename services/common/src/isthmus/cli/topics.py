"""``isthmusctl topics``: bring Kafka's topics to what the list says, without losing anything."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from isthmus.cli.connection import ToolSettings
from isthmus.kafka import topics
from isthmus.kafka.provisioning import provisioner
from isthmus.kafka.topic_admin import TopicsRefused
from isthmus.kafka.topic_plan import Plan
from isthmus.kafka.topology import Topology
from isthmus.ops.settings import load

app = typer.Typer(help="Topics: what the list asks for, and Kafka's state.", no_args_is_help=True)
console = Console(highlight=False)
complaints = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)

File = Annotated[
    Path | None, typer.Option("--file", help="The list of topics; default: the project's.")
]
Prefix = Annotated[
    str | None, typer.Option(help="Put before every topic; default: ISTHMUS_TOPIC_PREFIX.")
]
Replication = Annotated[
    int | None, typer.Option(min=1, help="Replicas of each topic; default: as in the list.")
]


@app.command()
def plan(file: File = None, prefix: Prefix = None, replication: Replication = None) -> None:
    """Show what would be done. Ends with 1 where something would be refused."""
    settings = load(ToolSettings)
    topology = _topology(settings, file=file, prefix=prefix, replication=replication)
    try:
        with provisioner(settings.kafka) as tool:
            _show(tool.plan(topology))
    except TopicsRefused as error:
        _refuse(str(error))


@app.command()
def apply(file: File = None, prefix: Prefix = None, replication: Replication = None) -> None:
    """Create and alter topics; where something is refused, do nothing and end with 1."""
    settings = load(ToolSettings)
    topology = _topology(settings, file=file, prefix=prefix, replication=replication)
    try:
        with provisioner(settings.kafka) as tool:
            done = tool.apply(topology)
    except TopicsRefused as error:
        _refuse(str(error))
    _show(done)
    console.print(f"topics: {len(done.changes)} changes done")


def _topology(
    settings: ToolSettings, *, file: Path | None, prefix: str | None, replication: int | None
) -> Topology:
    topology = topics.load(file or settings.schemas.schemas_dir / "topics.yaml")
    topology = topology.renamed(settings.topic_prefix if prefix is None else prefix)
    return topology if replication is None else topology.replicated(replication)


def _show(plan: Plan) -> None:
    if not plan.changes and not plan.refusals:
        console.print("topics: all as the list says")
        return
    table = Table("deed", "topic", "what")
    for change in plan.changes:
        table.add_row(change.deed.value, change.topic.name, change.detail)
    console.print(table)
    if plan.refusals:
        _refuse("\n".join(map(str, plan.refusals)))


def _refuse(why: str) -> None:
    complaints.print(f"Refused; nothing was changed.\n{why}")
    raise typer.Exit(1)

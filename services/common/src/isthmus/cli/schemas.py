"""``isthmusctl schemas``: what must hold of schemas and examples, and the bytes of new examples."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from isthmus.core.errors import Rejected
from isthmus.kafka import schemas as schema_files
from isthmus.messages import RECORDS
from isthmus.ops.settings import SchemaSettings, load

app = typer.Typer(help="Avro schemas and their golden examples.", no_args_is_help=True)

Folder = Annotated[
    Path | None, typer.Option("--schemas", help="The folder schemas/; default: the project's.")
]


@app.command()
def check(folder: Folder = None) -> None:
    """Tell whether versions, structs, examples and the list of topics agree. Needs no Kafka."""
    # Apache's compatibility rules come with the extra `schemas`, which service images do not have.
    from isthmus.kafka import schema_checks  # noqa: PLC0415

    folder = folder or load(SchemaSettings).schemas_dir
    found = list(schema_checks.problems(folder))
    console = Console(stderr=bool(found), soft_wrap=True, highlight=False, markup=False)
    for problem in found:
        console.print(str(problem))
    if found:
        raise typer.Exit(1)
    versions = schema_files.load(folder).versions
    console.print(f"schemas: {len(versions)} versions of {len(RECORDS)} records agree")


@app.command()
def freeze(example: Path, folder: Folder = None) -> None:
    """Add to a new example the bytes that its value is written with today."""
    from isthmus.kafka.schema_checks import examples  # noqa: PLC0415

    schemas = schema_files.load(folder or load(SchemaSettings).schemas_dir)
    try:
        examples.freeze(example, schemas=schemas, types=RECORDS)
    except (OSError, ValueError, Rejected) as error:
        raise typer.BadParameter(f"{example}: {error}") from error
